#include "helper/imagefs/fuse_message.h"

#include <gtest/gtest.h>
#include <linux/fuse.h>
#include <sys/stat.h>

#include "tests/unit/imagefs/fake_kernel.h"

namespace sifguard {
namespace {

using Kind = FuseRequest::Kind;
using test::bytes_of;
using test::fuse_request;

Kind kind_of(const std::string& message) {
  const auto request = parse_fuse_request(as_bytes(message));
  return request ? request->kind : Kind::wrong;
}

template <typename Body, typename Bytes>
Body body_of(const Bytes& bytes) {
  Body body{};
  static_assert(sizeof body == sizeof bytes);
  std::memcpy(&body, bytes.data(), sizeof body);
  return body;
}

std::string init(std::uint32_t minor, std::uint64_t flags) {
  fuse_init_in body{};
  body.major = 7;
  body.minor = minor;
  body.max_readahead = 131072;
  body.flags = static_cast<std::uint32_t>(flags);
  std::string bytes = bytes_of(body);
  const auto high = static_cast<std::uint32_t>(flags >> 32U);
  return bytes.replace(16, 4, bytes_of(high));
}

TEST(FuseRequest, WhatIsAskedOfAFileIsUnderstood) {
  EXPECT_EQ(kind_of(fuse_request(FUSE_INIT, 1, init(38, 0))), Kind::start);
  EXPECT_EQ(kind_of(fuse_request(FUSE_GETATTR, 2, bytes_of(fuse_getattr_in{}))), Kind::attributes);
  EXPECT_EQ(kind_of(fuse_request(FUSE_OPEN, 3, bytes_of(fuse_open_in{}))), Kind::open);
  EXPECT_EQ(kind_of(fuse_request(FUSE_RELEASE, 4, bytes_of(fuse_release_in{}))), Kind::close);
  EXPECT_EQ(kind_of(fuse_request(FUSE_FLUSH, 5, bytes_of(fuse_flush_in{}))), Kind::close);
  EXPECT_EQ(kind_of(fuse_request(FUSE_STATFS, 6, "")), Kind::statfs);
  EXPECT_EQ(kind_of(fuse_request(FUSE_INTERRUPT, 7, bytes_of(fuse_interrupt_in{}))), Kind::silent);
  EXPECT_EQ(kind_of(fuse_request(FUSE_FORGET, 8, bytes_of(fuse_forget_in{}))), Kind::silent);
  EXPECT_EQ(kind_of(fuse_request(FUSE_DESTROY, 9, "")), Kind::finish);
  EXPECT_EQ(kind_of(fuse_request(FUSE_LOOKUP, 10, "name")), Kind::other);
  EXPECT_EQ(kind_of(fuse_request(99'999, 11, "")), Kind::other);
}

TEST(FuseRequest, AReadSaysWhatIsWanted) {
  const auto request = parse_fuse_request(
      as_bytes(fuse_request(FUSE_READ, 77, test::fuse_read_body(0x123456789abc, 131072))));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->kind, Kind::read);
  EXPECT_EQ(request->unique, 77U);
  EXPECT_EQ(request->offset, 0x123456789abcU);
  EXPECT_EQ(request->size, 131072U);
}

TEST(FuseRequest, AnotherShapeIsWrong) {
  EXPECT_EQ(kind_of(fuse_request(FUSE_READ, 1, test::fuse_read_body(0, kFuseMostRead + 1))),
            Kind::wrong);
  EXPECT_EQ(kind_of(fuse_request(FUSE_READ, 1, test::fuse_read_body(0, 1).substr(0, 39))),
            Kind::wrong);
  EXPECT_EQ(kind_of(fuse_request(FUSE_READ, 1, test::fuse_read_body(0, 1), 2)), Kind::wrong);
  EXPECT_EQ(kind_of(fuse_request(FUSE_OPEN, 1, bytes_of(fuse_open_in{}), 0)), Kind::wrong);
  EXPECT_EQ(kind_of(fuse_request(FUSE_OPEN, 1, "")), Kind::wrong);
  EXPECT_EQ(kind_of(fuse_request(FUSE_INIT, 1, init(22, 0))), Kind::wrong);
  EXPECT_EQ(kind_of(fuse_request(FUSE_INIT, 1, std::string("\10") + init(38, 0).substr(1))),
            Kind::wrong);
}

TEST(FuseRequest, WhatHasNoHeadIsNone) {
  const std::string whole = fuse_request(FUSE_STATFS, 1, "");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_fuse_request(as_bytes(whole.substr(0, size)))) << size;
  }
  EXPECT_FALSE(parse_fuse_request(as_bytes(whole + "x")));
}

TEST(FuseStart, AgreesOnWhatBothCan) {
  constexpr std::uint64_t kExtended = std::uint64_t{1} << 30U;
  constexpr std::uint64_t kTimeout = std::uint64_t{1} << 42U;
  const auto start = [](std::uint32_t minor, std::uint64_t flags) {
    const auto request =
        parse_fuse_request(as_bytes(fuse_request(FUSE_INIT, 1, init(minor, flags))));
    return fuse_start(*request, 120);
  };
  const auto old = body_of<fuse_init_out>(start(27, FUSE_ASYNC_READ | FUSE_POSIX_LOCKS));
  EXPECT_EQ(old.major, 7U);
  EXPECT_EQ(old.minor, 27U);
  EXPECT_EQ(old.flags, FUSE_ASYNC_READ);
  EXPECT_EQ(old.max_readahead, 131072U);
  EXPECT_EQ(old.max_background, 64U);
  const FuseStart bytes = start(45, FUSE_MAX_PAGES | kExtended | kTimeout | kTimeout << 1U);
  const auto now = body_of<fuse_init_out>(bytes);
  EXPECT_EQ(now.minor, 43U);
  EXPECT_EQ(now.flags, FUSE_MAX_PAGES | kExtended);
  EXPECT_EQ(now.max_pages, 64U);
  EXPECT_EQ(now.flags2, kTimeout >> 32U);
  EXPECT_EQ(bytes[40], std::byte{120});
  EXPECT_EQ(start(45, kExtended)[40], std::byte{0});
  EXPECT_EQ(body_of<fuse_init_out>(start(45, kTimeout)).flags2, 0U);  // not said to be extended
}

TEST(FuseBodies, AreThoseOfAReadOnlyFile) {
  const auto attributes = body_of<fuse_attr_out>(fuse_attributes(4097));
  EXPECT_EQ(attributes.attr.ino, 1U);
  EXPECT_EQ(attributes.attr.size, 4097U);
  EXPECT_EQ(attributes.attr.blocks, 9U);
  EXPECT_EQ(attributes.attr.mode, S_IFREG | 0400U);
  EXPECT_EQ(attributes.attr.nlink, 1U);
  EXPECT_EQ(attributes.attr.uid, 0U);
  EXPECT_GT(attributes.attr_valid, 3600U);
  EXPECT_EQ(body_of<fuse_open_out>(fuse_opened()).open_flags, 1U << 1U);  // FOPEN_KEEP_CACHE
  const auto statfs = body_of<fuse_statfs_out>(fuse_statfs(4097));
  EXPECT_EQ(statfs.st.bsize, 4096U);
  EXPECT_EQ(statfs.st.blocks, 2U);
  EXPECT_EQ(statfs.st.namelen, 255U);
  const auto head = body_of<fuse_out_header>(fuse_head(7, EIO, 100));
  EXPECT_EQ(head.len, 116U);
  EXPECT_EQ(head.error, -EIO);
  EXPECT_EQ(head.unique, 7U);
}

}  // namespace
}  // namespace sifguard
