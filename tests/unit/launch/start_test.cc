// The program itself: what it starts, and the one line about what it cannot start.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Outcome {
  int status = -1;
  std::string output;  ///< stdout and stderr together
};

class Start : public testing::Test {
 protected:
  /// Runs it as the launcher has the runtime do: by the name of an open file.
  Outcome start(std::vector<std::string> words, std::vector<std::string> environment = {}) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return {};
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      const std::string program =
          "/proc/self/fd/" + std::to_string(::open(SIFGUARD_BIN "/sifguard-start", O_PATH));
      words.insert(words.begin(), program);
      std::vector<char*> argv, envp;
      for (std::string& text : words) argv.push_back(text.data());
      for (std::string& text : environment) envp.push_back(text.data());
      argv.push_back(nullptr);
      envp.push_back(nullptr);
      ::execve(program.c_str(), argv.data(), envp.data());
      ::_exit(97);
    }
    ::close(ends[1]);
    Outcome outcome;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
      outcome.output.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    return outcome;
  }
  void expect_line(const Outcome& outcome, int status, const std::string& part) {
    EXPECT_EQ(outcome.status, status) << outcome.output;
    EXPECT_THAT(outcome.output, StartsWith("sifguard: "));
    EXPECT_THAT(outcome.output, HasSubstr(part));
    EXPECT_EQ(outcome.output.find('\n'), outcome.output.size() - 1) << "more than one line";
  }
  std::string file(const std::string& name, const std::string& text, mode_t mode = 0755) {
    const std::string path = dir_ / name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  test::TempDir dir_;
};

const std::string kPath = "PATH=/usr/bin:/bin";

TEST_F(Start, BecomesTheCommand) {
  const auto outcome = start({".", "printf", "[%s]", "a b", "", "\xff"}, {kPath});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output, "[a b][][\xff]");
  EXPECT_EQ(start({".", "/bin/sh", "-c", "exit 37"}).status, 37);
  EXPECT_EQ(start({".", "/bin/sh", "-c", "kill -9 $$"}).status, 1009);
}

TEST_F(Start, LeavesNoDescriptorBehind) {
  EXPECT_EQ(start({".", "sh", "-c", "ls -l /proc/$$/fd | grep -c start"}, {kPath}).output, "0\n");
}

TEST_F(Start, EntersTheWorkingDirectory) {
  EXPECT_EQ(start({dir_.path(), "sh", "-c", "echo $PWD; /bin/pwd"}, {kPath, "PWD=/"}).output,
            dir_.path().string() + "\n" + dir_.path().string() + "\n");
  expect_line(start({"/nonexistent/work", "true"}, {kPath}), 66,
              "the working directory /nonexistent/work in the image: No such file or directory");
  expect_line(start({"/etc/passwd", "true"}, {kPath}), 66, "/etc/passwd in the image: Not a dir");
}

TEST_F(Start, ACommandThatIsNotThereIs127) {
  expect_line(start({".", "no-such-command"}, {kPath}), 127,
              "there is no command 'no-such-command' in the image (PATH is /usr/bin:/bin)");
  expect_line(start({".", "ls"}), 127, "there is no command 'ls'");
  expect_line(start({".", ""}, {kPath}), 127, "there is no command ''");
  expect_line(start({".", "/nonexistent"}, {kPath}), 127, "/nonexistent is not in the image");
  expect_line(start({".", "a\x1b[1m\nb"}, {kPath}), 127, "'a?[1m?b'");
}

TEST_F(Start, AMissingInterpreterIsNamed) {
  expect_line(start({".", file("a", "#!/nonexistent/bash -e\n")}), 126,
              "/a needs /nonexistent/bash, which is not in the image");
  expect_line(start({".", file("b", "#! /nonexistent/sh")}), 126, "/b needs /nonexistent/sh,");
  expect_line(start({".", file("c", "#!/bin/sh\r\necho\r\n")}), 126, "line ends of Windows");
  expect_line(start({".", file("d", "#!" + file("e", "#!/nonexistent/x\n") + "\n")}), 126,
              "and that /nonexistent/x, which is not in the image");
}

TEST_F(Start, AMissingLoaderIsNamed) {
  std::ifstream in("/bin/ls", std::ios::binary);
  std::string program{std::istreambuf_iterator<char>(in), {}};
  const std::size_t at = program.find("/ld-");
  ASSERT_NE(at, std::string::npos);
  program[at + 1] = 'X';
  expect_line(start({".", file("ls", program)}), 126, "/Xd-");
}

TEST_F(Start, WhatCannotRunIs126) {
  expect_line(start({".", file("a", "#!/bin/sh\n", 0644)}), 126,
              "cannot be run: Permission denied");
  expect_line(start({".", "a"}, {"PATH=" + dir_.path().string()}), 126,
              "cannot be run: Permission");
  expect_line(start({".", "/etc"}), 126, "/etc is a directory in the image, and no command");
  std::string program(64, '\0');
  program.replace(0, 6,
                  "\x7f"
                  "ELF\x02\x01");
  program[18] = 0x7f;
  expect_line(start({".", file("b", program)}), 126, "for another kind of machine");
  std::ifstream in("/bin/ls", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (const std::size_t size : {20UL, 100UL}) {
    expect_line(start({".", file("c", whole.substr(0, size))}), 126,
                "/c is a program that was cut short");
  }
}

TEST_F(Start, AScriptWithoutAFirstLineIsTheShells) {
  const auto outcome = start({".", file("s", "echo \"$0:$1\"\n"), "x"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output, dir_.path().string() + "/s:x\n");
}

TEST_F(Start, LooksOnAlongPath) {
  const std::string path = "PATH=/nonexistent::" + dir_.path().string() + ":/usr/bin:/bin";
  ::mkdir((dir_.path().string() + "/printf").c_str(), 0755);  // no command
  EXPECT_EQ(start({".", "printf", "x"}, {path}).output, "x");
}

TEST_F(Start, IsOfNoUseByItself) {
  expect_line(start({}), 70, "started by the launcher");
  expect_line(start({"."}), 70, "started by the launcher");
}

}  // namespace
}  // namespace sifguard
