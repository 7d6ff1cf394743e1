// LUKS2 partitions that cryptsetup and Apptainer made, and what hostile ones are told.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helper/imagefs/file_window.h"
#include "helper/imagefs/luks_header.h"
#include "helper/imagefs/luks_key.h"
#include "helper/imagefs/luks_volume.h"
#include "helper/sif/image.h"
#include "keystore/crypto/rsa.h"
#include "tests/unit/imagefs/cryptsetup.h"
#include "tests/unit/imagefs/memory_source.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

Result<LuksMetadata> metadata_of(const BlockSource& partition) {
  SG_TRY(const LuksHeader header, read_luks_header(partition));
  return parse_luks_metadata(header.json, header.size, partition.size());
}

/// The plain text, or what went wrong.
std::string decrypted(const BlockSource& partition, const std::string& password) {
  const auto metadata = metadata_of(partition);
  if (!metadata) return "ERROR: " + metadata.error().line();
  auto key = luks_volume_key(partition, *metadata, test::secret(password));
  if (!key) return "ERROR: " + key.error().line();
  return test::read_all(LuksVolume(partition, *metadata, *std::move(key)));
}

bool holds_plain(const std::string& text) {
  return text.starts_with(test::luks_plain());
}

class Cryptsetup : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_cryptsetup()) GTEST_SKIP() << "SKIPPED: cryptsetup is not installed";
  }
};

TEST_F(Cryptsetup, WhatItEncryptsIsReadBack) {
  for (const char* sector : {"--sector-size 512 ", "--sector-size 4096 "}) {
    for (const char* kdf : {test::kPbkdf2, test::kArgon2id}) {
      const test::MemorySource partition(test::make_luks(std::string(sector) + kdf));
      ASSERT_NE(partition.size(), 0U) << sector << kdf;
      EXPECT_TRUE(holds_plain(decrypted(partition, test::kLuksPassword))) << sector << kdf;
    }
  }
}

TEST_F(Cryptsetup, AnyRangeIsThatOfTheWhole) {
  for (const char* sector : {"--sector-size 512 ", "--sector-size 4096 "}) {
    const test::MemorySource partition(test::make_luks(std::string(sector) + test::kPbkdf2));
    const auto metadata = metadata_of(partition);
    ASSERT_TRUE(metadata) << metadata.error().line();
    auto key = luks_volume_key(partition, *metadata, test::secret(test::kLuksPassword));
    ASSERT_TRUE(key) << key.error().line();
    const LuksVolume volume(partition, *metadata, *std::move(key));
    for (const std::size_t offset : {0U, 1U, 511U, 512U, 513U, 4000U, 4096U, 8191U}) {
      for (const std::size_t size : {1U, 511U, 512U, 513U, 4095U, 4096U, 4097U, 9000U}) {
        EXPECT_TRUE(test::read_text(volume, offset, size) ==
                    test::luks_plain().substr(offset, size))
            << sector << offset << " " << size;
      }
    }
  }
}

TEST_F(Cryptsetup, AnotherPasswordOpensNothing) {
  const test::MemorySource partition(test::make_luks(test::kPbkdf2));
  for (const char* password :
       {"", "0123", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeF"}) {
    EXPECT_THAT(decrypted(partition, password), HasSubstr("does not open its LUKS header"));
  }
}

TEST_F(Cryptsetup, EveryFlippedBitOfAHeaderIsRefused) {
  test::MemorySource partition(test::make_luks(test::kPbkdf2));
  constexpr std::size_t kCopy = 16384;
  for (const std::size_t copy : {std::size_t{0}, kCopy}) {
    // The numbers, the checksum and the JSON; of the zeros around them, some.
    for (std::size_t byte = 0; byte < kCopy; byte += byte < 520 || byte / 4096 == 1 ? 1 : 61) {
      if (byte > 4096 + 1200 && byte % 61 != 0) continue;
      const std::size_t bit = (copy + byte) * 8 + byte % 8;
      partition.flip(bit);
      ASSERT_FALSE(read_luks_header(partition)) << "bit " << bit;
      partition.flip(bit);
    }
  }
}

TEST_F(Cryptsetup, AFlippedBitOfTheKeySlotIsRefusedAndBehindItUnread) {
  test::MemorySource partition(test::make_luks(test::kPbkdf2));
  const auto metadata = metadata_of(partition);
  ASSERT_TRUE(metadata);
  const std::string password = test::kLuksPassword;
  for (std::size_t byte = 0; byte < kLuksStripes * kLuksKey; byte += 85'333) {
    partition.flip((metadata->area_offset + byte) * 8 + 3);
    EXPECT_THAT(decrypted(partition, password), HasSubstr("does not open its LUKS header"));
    partition.flip((metadata->area_offset + byte) * 8 + 3);
  }
  partition.flip((metadata->area_offset + kLuksStripes * kLuksKey) * 8);
  EXPECT_TRUE(holds_plain(decrypted(partition, password)));
}

TEST_F(Cryptsetup, ACutPartitionIsRefused) {
  const std::string whole = test::make_luks(test::kPbkdf2);
  for (const std::size_t size : {0U, 1U, 6U, 4095U, 4096U, 16384U, 32767U, 32768U, 290816U, 524287U,
                                 524288U, 524289U, 524800U + 1U}) {
    const std::string text = decrypted(test::MemorySource(whole.substr(0, size)), "x");
    EXPECT_THAT(text, HasSubstr("ERROR")) << size;
    EXPECT_THAT(text, testing::Not(HasSubstr("does not open"))) << size;
  }
}

TEST_F(Cryptsetup, WhatElseItMakesIsRefusedByName) {
  const auto why_not = [](const std::string& options) {
    const auto metadata = metadata_of(test::MemorySource(test::make_luks(options)));
    return metadata ? "understood" : metadata.error().what();
  };
  const std::string kdf = test::kPbkdf2;
  EXPECT_THAT(why_not(kdf + " --cipher aes-cbc-essiv:sha256 --key-size 256"),
              HasSubstr("key_size 32"));
  EXPECT_THAT(why_not(kdf + " --key-size 256"), HasSubstr("key_size 32"));
  EXPECT_THAT(why_not(kdf + " --hash sha512"), HasSubstr("sha512"));
  EXPECT_THAT(why_not("--pbkdf argon2i --pbkdf-memory 1024 --pbkdf-force-iterations 4"),
              HasSubstr("argon2i"));
}

TEST_F(Cryptsetup, OtherFormatsAreRefusedByName) {
  const test::TempDir dir;
  test::write_file(dir / "password", "password");
  test::write_file(dir / "image", std::string(4 << 20, '\0'));
  ASSERT_EQ(test::run(dir,
                      "PATH=$PATH:/usr/sbin:/sbin; cryptsetup luksFormat --batch-mode --type luks1 "
                      "--pbkdf-force-iterations 1000 --key-file password image"),
            0);
  const test::MemorySource luks1(test::read_file(dir / "image"));
  EXPECT_THAT(read_luks_header(luks1).error().what(), HasSubstr("LUKS1 is not supported"));
  const test::MemorySource zeros(std::string(1 << 20, '\0'));
  EXPECT_THAT(read_luks_header(zeros).error().what(), HasSubstr("no LUKS header"));
}

TEST_F(Cryptsetup, HeadersThatDifferAreRefused) {
  const std::string one = test::make_luks(test::kPbkdf2);
  const std::string other = test::make_luks(test::kPbkdf2);
  const test::MemorySource mixed(one.substr(0, 16384) + other.substr(16384));
  EXPECT_THAT(read_luks_header(mixed).error().what(), HasSubstr("differ"));
  const test::MemorySource swapped(one.substr(16384, 16384) + one.substr(0, 16384) +
                                   one.substr(32768));
  EXPECT_THAT(read_luks_header(swapped).error().what(), HasSubstr("no LUKS header"));
}

/// The image that Apptainer made, its wrapped key opened.
TEST(LuksVector, WhatApptainerMadeIsReadBack) {
  const std::string folder = std::string(SIFGUARD_VECTORS) + "/luks/";
  const std::string pem = test::read_file(folder + "luks-small.rsa.pem");
  if (pem.empty()) GTEST_SKIP() << "TEST VECTORS ABSENT: " << SIFGUARD_VECTORS;
  const test::TempDir dir;
  ASSERT_EQ(test::run(dir, "xz -dc '" + folder + "luks-small.sif.xz' >image.sif"), 0);
  const UniqueFd fd(::open((dir / "image.sif").c_str(), O_RDONLY | O_CLOEXEC));
  const auto image = sif::read_image(fd.get());
  ASSERT_TRUE(image) << image.error().line();
  const auto& message = image->objects[*image->crypto_message];
  std::string text(message.size, '\0');
  ASSERT_TRUE(pread_exact(fd.get(), std::as_writable_bytes(std::span(text)), message.offset, "it"));
  test::write_file(dir / "message", text);
  // One block of RSA-3072 in an OCTET STRING, whose head has 4 bytes.
  ASSERT_EQ(test::run(dir, "sed '/^-/d' message | base64 -d | tail -c 384 >block"), 0);
  const std::string block = test::read_file(dir / "block");
  const auto rsa = RsaPrivateKey::from_pem(test::secret(pem), nullptr);
  ASSERT_TRUE(rsa) << rsa.error().line();
  const auto password = rsa->decrypt_oaep(as_bytes(block));
  ASSERT_TRUE(password) << password.error().line();

  const auto& root = image->objects[*image->primary];
  const auto partition = FileWindow::make(fd.get(), root.offset, root.size);
  ASSERT_TRUE(partition);
  const std::string plain = decrypted(*partition, test::text(*password));
  EXPECT_EQ(plain.substr(0, 4), "hsqs");
  test::write_file(dir / "squashfs", plain);
  ASSERT_EQ(test::run(dir, "unsquashfs -cat squashfs etc/greeting >greeting"), 0)
      << test::read_file(dir / "log");
  EXPECT_EQ(test::read_file(dir / "greeting"), "hello from luks\n");
}

}  // namespace
}  // namespace sifguard
