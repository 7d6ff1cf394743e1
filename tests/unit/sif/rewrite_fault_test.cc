// Replacing an image is all or nothing: whatever call fails, wherever the process dies.
#include <csignal>

#include "tests/unit/sif/rewrite_fixture.h"

namespace sifguard::sif {
namespace {

using testing::ElementsAre;

class Fault : public Rewrite, public testing::WithParamInterface<const char*> {
 protected:
  /// What lies behind the last object must be cut off; else a file is not shortened.
  void SetUp() override {
    Rewrite::SetUp();
    old_ += std::string(4096, 'x');
    test::write_file(path_, old_);
  }
};

/// The ways that file systems leave.
void as_on(const std::string& file_system) {
  if (file_system == "network") without_tmpfile();
  if (file_system != "local") without_exchange();
  with_system_call("ioctl", SCMP_ACT_ERRNO(EOPNOTSUPP));  // so that the content is copied
}
constexpr std::array kFileSystems = {"local", "network", "old"};

/// What is not called there.
bool is_needless(const std::string& call, const std::string& file_system) {
  if (call == "linkat") return file_system == "network";
  if (call == "renameat") return file_system == "local";
  return call == "renameat2" && file_system != "local";
}

TEST_P(Fault, ThatKillsLeavesTheOldImage) {
  for (const std::string file_system : kFileSystems) {
    if (is_needless(GetParam(), file_system)) continue;
    const int status = sign_in_child([&] {
      as_on(file_system);
      with_system_call(GetParam(), SCMP_ACT_KILL_PROCESS);
    });
    ASSERT_TRUE(WIFSIGNALED(status)) << exit_status(status);
    EXPECT_EQ(WTERMSIG(status), SIGSYS);
    EXPECT_TRUE(bytes() == old_);
    const bool named = file_system == "network" || std::string(GetParam()).starts_with("rename");
    EXPECT_LE(names().size(), named ? 2U : 1U);
    // The next one is not disturbed by what a killed one has left, and removes it.
    ASSERT_TRUE(sign(path_));
    EXPECT_TRUE(is_signed());
    EXPECT_THAT(names(), ElementsAre("image.sif"));
    test::write_file(path_, old_);
  }
}

TEST_P(Fault, ThatFailsLeavesTheOldImageAndNoOther) {
  for (const unsigned error : {unsigned{ENOSPC}, unsigned{EDQUOT}, unsigned{EIO}}) {
    for (const std::string file_system : kFileSystems) {
      if (is_needless(GetParam(), file_system)) continue;
      const int status = sign_in_child([&] {
        as_on(file_system);
        with_system_call(GetParam(), SCMP_ACT_ERRNO(error));
      });
      EXPECT_EQ(exit_status(status), error == EIO ? 70 : 75) << GetParam() << " on " << file_system;
      expect_untouched();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(At, Fault,
                         testing::Values("copy_file_range", "pwrite64", "ftruncate", "fchmod",
                                         "fsync", "linkat", "renameat", "renameat2"),
                         [](const auto& call) { return std::string(call.param); });

TEST_F(Rewrite, KilledWhileItCopiesLeavesTheOldImage) {
  const pid_t child = ::fork();
  if (child == 0) {
    static_cast<void>(sign(path_, [](std::uint64_t) { ::raise(SIGKILL); }));
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(bytes() == old_);
}

}  // namespace
}  // namespace sifguard::sif
