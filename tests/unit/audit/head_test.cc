// The head of the log: read as written, and nothing else is one.
#include "keystore/audit/head.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using test::TempDir;
using test::write_file;

const ChainPoint kPoint{12, std::string(64, 'a')};

TEST(HeadTest, FormatsAndParses) {
  EXPECT_EQ(*parse_head(*format_head(kPoint)), kPoint);
  EXPECT_EQ(*parse_head(*format_head({})), ChainPoint{});
  const ChainPoint largest{~std::uint64_t{0}, std::string(64, 'f')};
  EXPECT_EQ(*parse_head(*format_head(largest)), largest);
}

TEST(HeadTest, AnythingElseIsNone) {
  const std::string good = *format_head(kPoint);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string other = good;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_FALSE(parse_head(other)) << at;
    EXPECT_FALSE(parse_head(good.substr(0, at)));
  }
  EXPECT_FALSE(parse_head(good + "\n"));
}

TEST(HeadTest, AFileIsWrittenInPlace) {
  const TempDir dir;
  const UniqueFd directory(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const Trust me{::geteuid()};
  const auto head = HeadFile::open(directory.get(), "log", "log", me);
  ASSERT_TRUE(head) << head.error().line();
  EXPECT_FALSE(*head->read());
  ASSERT_TRUE(head->write(kPoint));
  ASSERT_TRUE(head->write({13, kPoint.hash}));
  EXPECT_EQ((*head->read())->seq, 13U);
  EXPECT_EQ((*read_head(dir / "log"))->seq, 13U);
  EXPECT_FALSE(*read_head(dir / "other"));
  write_file(dir / ".log.head", "sifguard-audit-head 1 0000");
  EXPECT_FALSE(*head->read());
  EXPECT_EQ(read_head(dir / "log").error().code(), Code::refused);
  ASSERT_EQ(::chmod((dir / ".log.head").c_str(), 0666), 0);
  EXPECT_FALSE(HeadFile::open(directory.get(), "log", "log", me));
}

}  // namespace
}  // namespace sifguard
