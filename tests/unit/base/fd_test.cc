#include "keystore/base/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(UniqueFd, ClosesOnce) {
  int number = -1;
  {
    UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    number = fd.get();
    UniqueFd moved = std::move(fd);
    EXPECT_TRUE(is_open(number));
    EXPECT_FALSE(fd.valid());  // NOLINT(bugprone-use-after-move): that is what is tested
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, AssignmentClosesTheOld) {
  UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int old = ::dup(fd.get());
  UniqueFd holder(old);
  holder = UniqueFd(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(holder.get() == old || !is_open(old));
}

TEST(Fd, ReadToEndStopsAtTheLimit) {
  const test::TempDir dir;
  test::write_file(dir / "f", "12345");
  const UniqueFd exact(::open((dir / "f").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(read_to_end(exact.get(), 5, "f"), "12345");
  const UniqueFd over(::open((dir / "f").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(read_to_end(over.get(), 4, "f").error().code(), Code::refused);
}

TEST(Fd, ReadToEndOfAnEndlessDeviceEnds) {
  const UniqueFd zero(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(read_to_end(zero.get(), 1 << 20, "/dev/zero"));
}

TEST(Fd, PreadPastTheEndIsTruncation) {
  const test::TempDir dir;
  test::write_file(dir / "f", "12345");
  const UniqueFd fd(::open((dir / "f").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<std::byte, 4> four{};
  EXPECT_TRUE(pread_exact(fd.get(), four, 1, "f"));
  EXPECT_EQ(as_text(four), "2345");
  EXPECT_EQ(pread_exact(fd.get(), four, 2, "f").error().code(), Code::refused);
}

TEST(Fd, WriteToAFullDeviceIsTemporary) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  const auto status = write_all(full.get(), "x", "/dev/full");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), Code::temporary);
}

TEST(Fd, WriteToAClosedDescriptorFails) {
  EXPECT_FALSE(write_all(-1, "x", "nothing"));
}

}  // namespace
}  // namespace sifguard
