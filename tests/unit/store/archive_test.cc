#include "keystore/store/archive.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

/// `content`: a literal, since it is borrowed.
ArchiveFile file(const std::string& name, std::string_view content = "x", mode_t mode = 0600) {
  return {name, mode, as_bytes(content)};
}
Archive archive(std::vector<ArchiveFile> files, std::int64_t created = 0) {
  Archive made;
  made.created = created;
  made.files = std::move(files);
  return made;
}

/// As encode_archive() writes it, without its checks.
std::vector<std::byte> raw(const std::vector<ArchiveFile>& files, std::uint32_t count) {
  std::string out = "SGARCH1\n" + std::string(6, '\0') + "\x03\xE8";
  const auto number = [&out](std::uint64_t value, int size) {
    for (int i = size - 1; i >= 0; --i) {
      out += static_cast<char>(value >> static_cast<unsigned>(i * 8) & 0xFFU);
    }
  };
  number(count, 4);
  for (const ArchiveFile& each : files) {
    number(each.name.size(), 2);
    out += each.name;
    number(each.mode, 2);
    number(each.content.size(), 4);
    out += as_text(each.content);
  }
  const auto bytes = as_bytes(out);
  return {bytes.begin(), bytes.end()};
}
std::vector<std::byte> raw(const std::vector<ArchiveFile>& files) {
  return raw(files, static_cast<std::uint32_t>(files.size()));
}

std::string refusal(const std::vector<std::byte>& bytes) {
  const auto decoded = decode_archive(bytes, "the backup");
  if (decoded) return "accepted";
  EXPECT_EQ(decoded.error().code(), Code::refused);
  return decoded.error().what();
}

const std::vector<ArchiveFile>& good() {
  static const std::vector<ArchiveFile> files = {
      file("images.yaml", std::string_view("a\0b", 3)), file("keys/a/meta.yaml", ""),
      file("keys/a/public.pem", "p", 0644), file("trust/crls/0")};
  return files;
}

TEST(Archive, GoesRoundInTheFormatOfItsHeader) {
  const auto bytes = encode_archive(archive(good(), 1000));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, raw(good()));
  const auto secret = encode_secret_archive(archive(good(), 1000));
  ASSERT_TRUE(secret);
  EXPECT_EQ(as_text(secret->bytes()), as_text(*bytes));
  EXPECT_TRUE(is_archive(*bytes));
  EXPECT_FALSE(is_archive(std::span(*bytes).first(7)));
  const auto decoded = decode_archive(*bytes, "the backup");
  ASSERT_TRUE(decoded) << decoded.error().line();
  EXPECT_EQ(decoded->created, 1000);
  ASSERT_EQ(decoded->files.size(), 4U);
  EXPECT_EQ(decoded->files[2].mode, mode_t{0644});
  EXPECT_EQ(as_text(decoded->find("images.yaml")->content), std::string_view("a\0b", 3));
  EXPECT_EQ(decoded->find("keys/a"), nullptr);
  EXPECT_EQ(decoded->find("z"), nullptr);
  EXPECT_TRUE(decode_archive(*encode_archive(archive({})), "the backup"));
}

TEST(Archive, RefusesEveryTruncationAndWhatFollows) {
  const auto bytes = raw(good());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(refusal({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}),
              "accepted")
        << size;
  }
  auto longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_EQ(refusal(longer), "the backup is malformed: something follows its end");
  EXPECT_EQ(refusal(raw(good(), 3)), "the backup is malformed: something follows its end");
  EXPECT_EQ(refusal(raw(good(), 5)), "the backup is malformed: it is truncated");
  EXPECT_EQ(refusal(raw(good(), 0xFFFFFFFF)), "the backup is malformed: its head is out of range");
}

TEST(Archive, RefusesNamesThatLeadElsewhere) {
  const std::string long_part(129, 'a');
  for (const std::string& name :
       {std::string(), std::string("/etc/passwd"), std::string("../x"), std::string("a/../b"),
        std::string("a/.."), std::string("."), std::string("a//b"), std::string("a/"),
        std::string(".lock"), std::string("keys/.tmp-1/meta.yaml"), std::string("-rf"),
        std::string("a b"), std::string("a\0b", 3), std::string("a\nb"), std::string("\xC3\xA4"),
        std::string("a/b/c/d/e"), long_part}) {
    EXPECT_FALSE(is_archive_name(name)) << name;
    EXPECT_NE(refusal(raw({file(name)})), "accepted") << name;
    EXPECT_FALSE(encode_archive(archive({file(name)}))) << name;
    EXPECT_FALSE(encode_secret_archive(archive({file(name)}))) << name;
  }
  EXPECT_TRUE(is_archive_name("a/b/c/d"));
  EXPECT_TRUE(is_archive_name(long_part.substr(1)));
}

TEST(Archive, RefusesRepetitionAndDisorder) {
  EXPECT_EQ(refusal(raw({file("a"), file("a")})),
            "the backup is malformed: 'a' is repeated or out of order");
  EXPECT_NE(refusal(raw({file("b"), file("a")})), "accepted");
  EXPECT_EQ(refusal(raw({file("a"), file("a-b"), file("a/b")})),
            "the backup is malformed: 'a' is a file and a directory");
  EXPECT_NE(refusal(raw({file("a/b"), file("a/b/c/d")})), "accepted");
  EXPECT_EQ(refusal(raw({file("a"), file("a-b/c"), file("ab/c")})), "accepted");
  Archive unsorted = archive({file("b"), file("a")});
  EXPECT_EQ(encode_archive(unsorted).error().code(), Code::internal);
  EXPECT_EQ(encode_secret_archive(unsorted).error().code(), Code::internal);
  unsorted.sort();
  EXPECT_TRUE(encode_archive(unsorted));
}

TEST(Archive, HoldsBytesWhereverItMoves) {
  Archive first;
  first.files.push_back({"a", 0600, first.hold({std::byte{7}, std::byte{8}})});
  (void)first.hold(std::vector<std::byte>(1000));
  const Archive second = std::move(first);
  ASSERT_EQ(second.files.front().content.size(), 2U);
  EXPECT_EQ(second.files.front().content[1], std::byte{8});
}

TEST(Archive, RefusesOtherModesAndHeads) {
  for (const mode_t mode : {0U, 0400U, 0666U, 0700U, 04600U, 0100644U}) {
    EXPECT_NE(refusal(raw({file("a", "x", mode)})), "accepted") << mode;
  }
  for (std::size_t i = 0; i < 9; ++i) {  // the magic, and the sign of the time
    auto bad = raw(good());
    bad[i] ^= std::byte{0x80};
    EXPECT_NE(refusal(bad), "accepted") << i;
  }
}

}  // namespace
}  // namespace sifguard
