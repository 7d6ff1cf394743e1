#include "keystore/base/run_program.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "keystore/base/fd.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using test::TempDir;
using test::write_file;

constexpr const char* kShell = "/bin/sh";

Result<std::string> shell(const std::string& script, std::string_view input = {},
                          std::size_t limit = 1000, int timeout_ms = 20000) {
  SG_TRY(const SecretBytes output,
         run_program({kShell, {"-c", script}, {"WORD=given"}, as_bytes(input), limit, timeout_ms}));
  return std::string(as_text(output.bytes()));
}

TEST(RunProgram, GivesInputAndEnvironmentAndTakesTheOutput) {
  EXPECT_EQ(shell("cat; printf %s \"$WORD\"", "hello ").value(), "hello given");
  EXPECT_EQ(shell(":").value(), "");
  EXPECT_EQ(shell("cat", std::string(4096, 'x'), 4096).value(), std::string(4096, 'x'));
}

TEST(RunProgram, TheProgramGetsNothingElse) {
  const UniqueFd leak(::dup(0));  // not close-on-exec
  ASSERT_TRUE(leak.valid());
  EXPECT_EQ(
      shell("pwd; ls /proc/self/fd | wc -l; env | grep -cv -e ^PWD= -e ^_= -e ^SHLVL= ").value(),
      "/\n4\n1\n");  // 0, 1, 2 and the directory that ls reads
}

TEST(RunProgram, TheProgramGainsNothingAndLeavesNoCore) {
  EXPECT_EQ(shell("grep NoNewPrivs /proc/$$/status; ulimit -c; umask").value(),
            "NoNewPrivs:\t1\n0\n0077\n");
}

TEST(RunProgram, AFailureIsToldInItsOwnWords) {
  const auto failed = shell("echo one >&2; printf 'two\\033[2J' >&2; exit 3");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Code::unavailable);
  EXPECT_EQ(failed.error().what(), "/bin/sh failed: two\\x1b[2J");
  EXPECT_EQ(shell("kill -9 $$").error().what(), "/bin/sh failed");
  EXPECT_EQ(shell("yes | head -c 100000 >&2; exit 1").error().what(), "/bin/sh failed: y");
}

TEST(RunProgram, TooMuchOrTooLate) {
  EXPECT_EQ(shell("printf 12345", {}, 5).value(), "12345");
  EXPECT_EQ(shell("printf 123456", {}, 5).error().code(), Code::unavailable);
  EXPECT_EQ(shell("cat /dev/zero", {}, 5).error().code(), Code::unavailable);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(shell("sleep 100 & sleep 100", {}, 5, 200).error().code(), Code::temporary);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
  EXPECT_EQ(run_program({kShell, {}, {}, as_bytes(std::string(4097, 'x')), 5, 1000}).error().code(),
            Code::internal);
}

TEST(RunProgram, OnlyTrustedProgramsRun) {
  const TempDir dir;
  const std::string program = dir / "program";
  const auto run = [&](const std::string& path) {
    return run_program({path, {}, {}, {}, 100, 20000});
  };
  EXPECT_EQ(run(dir / "missing").error().code(), Code::unavailable);
  write_file(program, "#!/bin/sh\necho ran\n");
  EXPECT_EQ(run(program).error().code(), ::geteuid() == 0 ? Code::unavailable : Code::config);
  ASSERT_EQ(::chmod(program.c_str(), 0777), 0);
  EXPECT_EQ(run(program).error().code(), Code::config);
  if (::geteuid() != 0) GTEST_SKIP() << "the rest needs root";
  ASSERT_EQ(::chmod(program.c_str(), 0755), 0);
  EXPECT_TRUE(run(program));
  ASSERT_EQ(::chown(program.c_str(), 12345, 12345), 0);
  EXPECT_EQ(run(program).error().code(), Code::config);
}

}  // namespace
}  // namespace sifguard
