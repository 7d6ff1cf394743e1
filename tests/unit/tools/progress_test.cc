// The bar: on a terminal only, and gone when it is over.
#include "helper/tools/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <vector>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;

/// A terminal of so many columns, and what was written to it.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) {
    ours_ = UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    EXPECT_EQ(::grantpt(ours_.get()), 0);
    EXPECT_EQ(::unlockpt(ours_.get()), 0);
    theirs_ = UniqueFd(::open(::ptsname(ours_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    struct winsize size {};
    size.ws_col = columns;
    EXPECT_EQ(::ioctl(theirs_.get(), TIOCSWINSZ, &size), 0);
  }
  [[nodiscard]] int fd() const { return theirs_.get(); }
  [[nodiscard]] std::string written() const {
    std::array<char, 4096> chunk{};
    const ssize_t size = ::read(ours_.get(), chunk.data(), chunk.size());
    return {chunk.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

 private:
  UniqueFd ours_, theirs_;
};

TEST(Progress, DrawsALineAndWipesIt) {
  const Terminal terminal(100);
  {
    const auto start = std::chrono::steady_clock::now();
    Progress bar("hashing", 4 * kGiB, true, terminal.fd());
    bar.advance(kGiB);
    const bool early = std::chrono::steady_clock::now() - start < 290ms;  // the machine may stall
    if (early) {
      EXPECT_THAT(terminal.written(), IsEmpty());
    }
    std::this_thread::sleep_for(350ms);
    static_cast<void>(terminal.written());
    bar.advance(kGiB);
    const std::string line = terminal.written();
    EXPECT_THAT(line, HasSubstr("\rhashing  [##############--------------]  50 %  "
                                "2.0 GiB of 4.0 GiB  "));
    EXPECT_THAT(line, HasSubstr("/s  "));
    EXPECT_THAT(line, HasSubstr(" s left"));
  }
  EXPECT_EQ(terminal.written(), "\r\x1b[K");
}

TEST(Progress, FitsTheTerminal) {
  for (const unsigned short columns : std::initializer_list<unsigned short>{40, 60, 79}) {
    const Terminal terminal(columns);
    Progress bar("hashing", kGiB, true, terminal.fd());
    std::this_thread::sleep_for(320ms);
    bar.advance(kGiB / 3);
    const std::string line = terminal.written();
    EXPECT_LT(line.size() - 4, columns) << line;  // less "\r" and "\x1b[K"
    EXPECT_GT(line.size(), 30U);
  }
}

TEST(Progress, SaysNothingWhereNobodyWantsIt) {
  const Terminal narrow(39);
  const Terminal wide(80);
  const auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  {
    Progress unwanted("x", kGiB, false, wide.fd());
    Progress small("x", 1 << 20U, true, wide.fd());
    Progress cramped("x", kGiB, true, narrow.fd());
    Progress no_terminal("x", kGiB, true, pipe->write_end.get());
    std::this_thread::sleep_for(320ms);
    for (Progress* const bar : {&unwanted, &small, &cramped, &no_terminal}) bar->advance(1000);
  }
  EXPECT_THAT(wide.written(), IsEmpty());
  EXPECT_THAT(narrow.written(), IsEmpty());
  ASSERT_EQ(::fcntl(pipe->read_end.get(), F_SETFL, O_NONBLOCK), 0);
  char byte = 0;
  EXPECT_EQ(::read(pipe->read_end.get(), &byte, 1), -1);
}

TEST(Progress, CountsForManyThreads) {
  const Terminal terminal(100);
  Progress bar("hashing", kGiB, true, terminal.fd());
  std::this_thread::sleep_for(320ms);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&bar] {
      for (int j = 0; j < 1024; ++j) bar.advance(kGiB / 8192);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::this_thread::sleep_for(120ms);
  static_cast<void>(terminal.written());
  bar.advance(0);
  EXPECT_THAT(terminal.written(), HasSubstr("  50 %  512 MiB of 1.0 GiB"));
}

TEST(CountedProgress, LooksAtTheCounterByItself) {
  const Terminal terminal(100);
  {
    CountedProgress bar("hashing", kGiB, true, terminal.fd());
    std::atomic_ref(*bar.counter()).fetch_add(kGiB / 2);
    std::this_thread::sleep_for(900ms);
    EXPECT_THAT(terminal.written(), HasSubstr("  50 %  512 MiB of 1.0 GiB"));
  }
  EXPECT_EQ(terminal.written(), "\r\x1b[K");
  const Terminal unused(100);
  { CountedProgress unwanted("hashing", kGiB, false, unused.fd()); }
  EXPECT_THAT(unused.written(), IsEmpty());
}

TEST(HumanSize, HasFewDigits) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(1023), "1023 B");
  EXPECT_EQ(human_size(1024), "1.0 KiB");
  EXPECT_EQ(human_size(10189), "10 KiB");
  EXPECT_EQ(human_size(1048575), "1.0 MiB");
  EXPECT_EQ(human_size(kGiB * 1000), "1000 GiB");
  EXPECT_EQ(human_size(UINT64_MAX), "16 EiB");
}

}  // namespace
}  // namespace sifguard
