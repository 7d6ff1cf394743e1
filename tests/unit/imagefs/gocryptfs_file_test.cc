#include "helper/imagefs/gocryptfs_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/imagefs/gocryptfs_fixture.h"
#include "tests/unit/imagefs/memory_source.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

class GocryptfsFileTest : public testing::Test {
 protected:
  std::string why_not(const std::string& bytes) {
    const test::MemorySource sealed(bytes);
    const auto file = GocryptfsFile::open(sealed, key());
    if (file) return "opened";
    EXPECT_EQ(file.error().code(), Code::refused);
    return file.error().what();
  }
  SecretBytes key() { return *SecretBytes::copy_of(key_.bytes()); }

  const SecretBytes key_ = test::gocryptfs_key();
  const std::string plain_ = test::gocryptfs_plain();
  test::MemorySource sealed_{test::imagefs_data("gocryptfs-file")};
};

TEST_F(GocryptfsFileTest, OneThatGocryptfsMadeReadsAsWhatWentIn) {
  const auto file = GocryptfsFile::open(sealed_, key());
  ASSERT_TRUE(file) << file.error().line();
  EXPECT_EQ((*file)->size(), plain_.size());
  EXPECT_EQ(test::read_all(**file), plain_);
}

TEST_F(GocryptfsFileTest, AnyRangeIsThatOfTheWhole) {
  const auto file = GocryptfsFile::open(sealed_, key());
  ASSERT_TRUE(file);
  for (const std::size_t offset : {0U, 1U, 100U, 4000U, 4095U, 4096U, 4097U, 4195U, 4196U}) {
    for (const std::size_t size :
         {0U, 1U, 2U, 95U, 96U, 97U, 100U, 101U, 4095U, 4096U, 4097U, 4196U}) {
      if (offset + size > plain_.size()) continue;
      EXPECT_EQ(test::read_text(**file, offset, size), plain_.substr(offset, size));
    }
  }
}

TEST_F(GocryptfsFileTest, NothingIsReadBeyondTheEnd) {
  const auto file = GocryptfsFile::open(sealed_, key());
  ASSERT_TRUE(file);
  std::array<std::byte, 2> out{};
  EXPECT_FALSE((*file)->read(4195, out));
  EXPECT_FALSE((*file)->read(4197, std::span(out).first(0)));
  EXPECT_FALSE((*file)->read(UINT64_MAX, out));
}

TEST_F(GocryptfsFileTest, AHoleReadsAsZeros) {
  const test::MemorySource sealed(test::imagefs_data("gocryptfs-file-with-hole"));
  const auto file = GocryptfsFile::open(sealed, key());
  ASSERT_TRUE(file) << file.error().line();
  std::string expected = plain_;
  expected.resize(20000);
  EXPECT_EQ(test::read_all(**file), expected + "end");
}

TEST_F(GocryptfsFileTest, ACutOrProlongedFileIsRefused) {
  const std::string whole = sealed_.bytes();
  for (std::size_t size = 0; size < whole.size(); size += size < 60 || size > 4100 ? 1 : 97) {
    const std::string why = why_not(whole.substr(0, size));
    // Its end would be cut off without a trace: what stands on it says how long it must be.
    if (size == 18 + 4128)
      EXPECT_EQ(why, "opened");
    else
      EXPECT_NE(why, "opened") << size;
  }
  for (const std::size_t more : {1U, 16U, 32U, 33U, 4096U, 4128U, 4129U}) {
    EXPECT_NE(why_not(whole + std::string(more, 'x')), "opened") << more;
  }
}

TEST_F(GocryptfsFileTest, AnotherHeaderIsNamed) {
  std::string bytes = sealed_.bytes();
  bytes[1] = 1;
  EXPECT_THAT(why_not(bytes), HasSubstr("version 2"));
  bytes = sealed_.bytes();
  bytes.replace(2, 16, std::string(16, '\0'));
  EXPECT_THAT(why_not(bytes), HasSubstr("version 2"));
  EXPECT_THAT(why_not(""), HasSubstr("too short"));
}

TEST_F(GocryptfsFileTest, AFlippedBitIsRefused) {
  for (std::size_t bit = 0; bit < sealed_.size() * 8; bit += bit < 8UL * 18 ? 1 : 7) {
    sealed_.flip(bit);
    ASSERT_FALSE(GocryptfsFile::open(sealed_, key())) << "bit " << bit;
    sealed_.flip(bit);
  }
}

TEST_F(GocryptfsFileTest, BlocksHaveTheirPlaceAndFile) {
  std::string bytes = test::imagefs_data("gocryptfs-file-with-hole");
  const std::string first = bytes.substr(18, 4128);
  const std::string second = bytes.substr(18 + 4128, 4128);
  bytes.replace(18, 4128, second);
  bytes.replace(18 + 4128, 4128, first);
  EXPECT_THAT(why_not(bytes), HasSubstr("block 0"));
  bytes = sealed_.bytes();
  bytes.replace(18, 4128, first);  // of another file under the same key
  EXPECT_THAT(why_not(bytes), HasSubstr("block 0"));
}

TEST_F(GocryptfsFileTest, AWrongBlockHidesNoOther) {
  test::MemorySource sealed(test::imagefs_data("gocryptfs-file-with-hole"));
  sealed.flip((18 + 4128 + 100) * 8);
  const auto file = GocryptfsFile::open(sealed, key());
  ASSERT_TRUE(file) << file.error().line();
  EXPECT_THAT(test::read_text(**file, 4096, 1), HasSubstr("block 1 of the encrypted"));
  EXPECT_THAT(test::read_text(**file, 0, 4097), HasSubstr("ERROR"));
  EXPECT_EQ(test::read_text(**file, 0, 4096), plain_.substr(0, 4096));
  EXPECT_EQ(test::read_text(**file, 20000, 3), "end");
}

TEST_F(GocryptfsFileTest, AnotherKeyOpensNothing) {
  SecretBytes other = key();
  other.bytes()[0] ^= std::byte{1};
  EXPECT_FALSE(GocryptfsFile::open(sealed_, std::move(other)));
  EXPECT_FALSE(GocryptfsFile::open(sealed_, test::secret("short")));
}

}  // namespace
}  // namespace sifguard
