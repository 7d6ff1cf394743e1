#include "keystore/base/verdict_colour.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

TEST(VerdictColour, GoesByTheVerdictThatItBeginsWith) {
  EXPECT_EQ(in_colour_of("verified", "verified"), "\x1b[32mverified\x1b[0m");
  EXPECT_EQ(in_colour_of("revoked (CRL)", "revok.."), "\x1b[31mrevok..\x1b[0m");
  EXPECT_EQ(in_colour_of("retired", "retired"), "\x1b[33mretired\x1b[0m");
}

TEST(VerdictColour, LeavesWhatIsNoVerdict) {
  for (const char* other : {"", "activex", "Revoked", "unknown", "not", " active"}) {
    EXPECT_EQ(in_colour_of(other, "text"), "text") << other;
  }
}

/// A terminal, as descriptor of its far side, and the environment as asked.
class WantsColour : public testing::Test {
 protected:
  void SetUp() override {
    master_ = UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    ASSERT_TRUE(master_.valid());
    ASSERT_EQ(::grantpt(master_.get()) | ::unlockpt(master_.get()), 0);
    std::array<char, 64> name{};
    ASSERT_EQ(::ptsname_r(master_.get(), name.data(), name.size()), 0);
    terminal_ = UniqueFd(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    ASSERT_TRUE(terminal_.valid());
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
  }
  UniqueFd master_, terminal_;
};

TEST_F(WantsColour, OnATerminalThatCan) {
  EXPECT_TRUE(wants_colour(terminal_.get()));
  ::setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(wants_colour(terminal_.get()));
}

TEST_F(WantsColour, NowhereElse) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  EXPECT_FALSE(wants_colour(pipe[1]));
  EXPECT_FALSE(wants_colour(-1));
  ::close(pipe[0]);
  ::close(pipe[1]);
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(wants_colour(terminal_.get()));
  ::unsetenv("NO_COLOR");
  for (const char* term : {"dumb", ""}) {
    ::setenv("TERM", term, 1);
    EXPECT_FALSE(wants_colour(terminal_.get()));
  }
  ::unsetenv("TERM");
  EXPECT_FALSE(wants_colour(terminal_.get()));
}

}  // namespace
}  // namespace sifguard
