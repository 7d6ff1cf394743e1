// What a command leaves for the admin: in place or not there at all, on every file system, whatever
// ends the command.
#include "keystore/cli/output_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "keystore/base/fd.h"
#include "keystore/base/rewrite_name.h"
#include "keystore/base/tree.h"
#include "tests/kernel/refusals.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Refusals = std::vector<std::string>;

constexpr int kGood = 7;

struct FileSystem {
  const char* name;
  Refusals refusals;
};
std::ostream& operator<<(std::ostream& out, const FileSystem& one) {
  return out << one.name;
}

const std::vector<FileSystem> kFileSystems = {
    {"Local", {}},
    {"Network", {"tmpfile", "renameat2=EINVAL"}},
    {"Stick", {"tmpfile", "linkat=EPERM"}},
    {"OldStick", {"tmpfile", "linkat=EPERM", "renameat2=EINVAL"}},
    {"WithoutModes", {"tmpfile", "linkat=EPERM", "renameat2=EINVAL", "fchmod=EPERM"}},
    {"InUserSpace", {"tmpfile", "linkat=EPERM", "renameat2=EINVAL", "fchmod"}}};

class Output : public testing::TestWithParam<FileSystem> {
 protected:
  [[nodiscard]] std::string path() const { return directory_ / "new.key"; }
  [[nodiscard]] std::vector<std::string> names() const { return *list_names(directory_.path()); }
  [[nodiscard]] Result<OutputFile> stage(bool overwrite) const {
    return OutputFile::stage(path(), as_bytes("secret"), 0600, overwrite);
  }
  /// The wait status of a child in which the file system is as the parameter says.
  static int in_child(const std::function<bool()>& task) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (!GetParam().refusals.empty()) {
        test::refuse_from_now_on(GetParam().refusals);
      }
      ::_exit(task() ? kGood : 1);
    }
    int status = 0;
    return ::waitpid(child, &status, 0) == child ? status : -1;
  }
  static bool succeeds(const std::function<bool()>& task) {
    const int status = in_child(task);
    return WIFEXITED(status) && WEXITSTATUS(status) == kGood;
  }
  static bool ended_by(int signal, const std::function<bool()>& task) {
    const int status = in_child(task);
    return WIFSIGNALED(status) && WTERMSIG(status) == signal;
  }
  test::TempDir directory_;
};

TEST_P(Output, IsPutInPlaceWithItsMode) {
  ASSERT_TRUE(succeeds([&] {
    auto file = stage(false);
    if (!file || !file->publish()) return false;
    file->keep();
    return true;
  }));
  EXPECT_THAT(names(), ElementsAre("new.key"));
  EXPECT_EQ(test::read_file(path()), "secret");
  struct stat st {};
  ASSERT_EQ(::stat(path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0600U);
}

TEST_P(Output, ReplacesWhatItShall) {
  test::write_file(path(), "old");
  ASSERT_TRUE(succeeds([&] {
    auto file = stage(true);
    if (!file || !file->publish()) return false;
    file->keep();
    return true;
  }));
  EXPECT_THAT(names(), ElementsAre("new.key"));
  EXPECT_EQ(test::read_file(path()), "secret");
}

TEST_P(Output, ReplacesNothingElse) {
  test::write_file(path(), "old");
  EXPECT_TRUE(succeeds([&] {
    const auto file = stage(false);
    return !file && file.error().code() == Code::exists;
  }));
  EXPECT_EQ(test::read_file(path()), "old");
}

TEST_P(Output, ReplacesNothingThatAppearedMeanwhile) {
  EXPECT_TRUE(succeeds([&] {
    auto file = stage(false);
    if (!file) return false;
    test::write_file(path(), "others");
    const Status put = file->publish();
    return !put && put.error().code() == Code::exists;
  }));
  EXPECT_THAT(names(), ElementsAre("new.key"));
  EXPECT_EQ(test::read_file(path()), "others");
}

TEST_P(Output, IsUndoneUnlessKept) {
  const auto publish = [&](bool overwrite) {
    return succeeds([&] {
      auto file = stage(overwrite);
      return file && file->publish().has_value();
    });
  };
  ASSERT_TRUE(publish(false));
  EXPECT_THAT(names(), IsEmpty());
  test::write_file(path(), "old");
  ASSERT_TRUE(publish(true));
  EXPECT_THAT(names(), ElementsAre("new.key"));
  EXPECT_EQ(test::read_file(path()), "old");
}

/// A private key, perhaps, whose blocks are free now.
TEST_P(Output, IsOverwrittenWhenItIsUndone) {
  EXPECT_TRUE(succeeds([&] {
    UniqueFd fd;
    {
      auto file = stage(false);
      if (!file || !file->publish()) return false;
      fd = UniqueFd(::open(path().c_str(), O_RDONLY | O_CLOEXEC));
    }
    return read_to_end(fd.get(), 100, "it").value_or("") == std::string(6, '\0');
  }));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_P(Output, LeavesNothingWhenASignalEndsTheCommand) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_TRUE(ended_by(signal, [&] {
      const auto file = stage(false);
      ::raise(signal);
      return true;
    }));
    EXPECT_THAT(names(), IsEmpty()) << signal;
    EXPECT_TRUE(ended_by(signal, [&] {
      auto file = stage(true);
      if (!file || !file->publish()) return false;
      ::raise(signal);
      return true;
    }));
    EXPECT_THAT(names(), IsEmpty()) << signal;
  }
}

TEST_P(Output, IsKeptBeforeASignalThatWaitedEndsTheCommand) {
  EXPECT_TRUE(ended_by(SIGTERM, [&] {
    auto file = stage(false);
    if (!file || !file->publish()) return false;
    ::raise(SIGTERM);
    file->keep();
    return true;
  }));
  EXPECT_THAT(names(), ElementsAre("new.key"));
}

TEST_P(Output, OfAKilledCommandIsTidiedByTheNext) {
  EXPECT_TRUE(ended_by(SIGKILL, [&] {
    const auto file = stage(false);
    ::raise(SIGKILL);
    return true;
  }));
  for (const std::string& name : names()) EXPECT_TRUE(is_rewrite_of(name, "new.key")) << name;
  EXPECT_TRUE(succeeds([&] {
    auto file = stage(false);
    if (!file || !file->publish()) return false;
    file->keep();
    return true;
  }));
  EXPECT_THAT(names(), ElementsAre("new.key"));
}

TEST_P(Output, IsTriedOutAndNothingIsWrittenOrTidied) {
  const auto tries = [&](bool overwrite, std::optional<Code> wrong) {
    return succeeds([&] {
      const Status tried = OutputFile::try_out(path(), overwrite);
      return wrong ? !tried && tried.error().code() == *wrong : tried.has_value();
    });
  };
  EXPECT_TRUE(tries(false, std::nullopt));
  EXPECT_THAT(names(), IsEmpty());
  const std::string left = directory_ / ".new.key.0123456789abcdef.tmp";
  test::write_file(left, "secr");
  test::write_file(path(), "");  // of the same run, which was killed
  EXPECT_TRUE(tries(false, std::nullopt));
  EXPECT_EQ(test::read_file(left), "secr");
  EXPECT_TRUE(std::filesystem::exists(path()));
  test::write_file(path(), "old");
  EXPECT_TRUE(tries(false, Code::exists));
  EXPECT_TRUE(tries(true, std::nullopt));
  EXPECT_EQ(test::read_file(path()), "old");
  EXPECT_TRUE(succeeds([&] {
    const Status tried = OutputFile::try_out(directory_ / "missing/new.key", false);
    return !tried && tried.error().code() == Code::no_input;
  }));
}

TEST_P(Output, ThatWasSetAsideStaysWhereItIsAllThereIs) {
  const std::string aside = directory_ / *new_rewrite_name("before-new.key");
  test::write_file(aside, "old");
  const auto write = [&](bool overwrite) {
    return succeeds([&] {
      auto file = stage(overwrite);
      if (!file || !file->publish()) return false;
      file->keep();
      return true;
    });
  };
  ASSERT_TRUE(write(false));
  EXPECT_EQ(test::read_file(aside), "old");
  ASSERT_TRUE(write(true));
  EXPECT_THAT(names(), ElementsAre("new.key"));
}

/// Of a run that was killed after it had replaced the file: until the next is complete.
TEST_P(Output, ThatWasSetAsideOutlivesAnUnfinishedSuccessor) {
  const std::string aside = directory_ / *new_rewrite_name("before-new.key");
  test::write_file(aside, "old");
  test::write_file(path(), "of the killed one");
  ASSERT_TRUE(succeeds([&] {
    auto file = stage(true);
    return file && file->publish().has_value();
  }));
  EXPECT_EQ(test::read_file(aside), "old");
  EXPECT_EQ(test::read_file(path()), "of the killed one");
}

TEST_P(Output, ThatIsBeingWrittenIsNotTidied) {
  EXPECT_TRUE(succeeds([&] {
    auto first = stage(false);
    const auto second = stage(false);
    if (!first || !second || !first->publish()) return false;
    first->keep();
    return true;
  }));
  EXPECT_EQ(test::read_file(path()), "secret");
}

TEST_P(Output, IsNoDirectoryNorDevice) {
  std::filesystem::create_directory(path());
  EXPECT_TRUE(succeeds([&] {
    const auto file = stage(true);
    return !file && file.error().code() == Code::exists;
  }));
  const auto device = OutputFile::stage("/dev/null", as_bytes("x"), 0600, true);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code(), Code::exists);
}

/// A run that was killed after it had taken the name, and before its file was put there.
TEST_P(Output, GoesOnWhereTheNameWasTakenAndNoMore) {
  const auto taken = [&] {
    const auto file = stage(false);
    return !file && file.error().code() == Code::exists;
  };
  const std::string left = directory_ / ".new.key.0123456789abcdef.tmp";
  test::write_file(path(), "");
  EXPECT_TRUE(succeeds(taken)) << "an empty file of somebody's";
  test::write_file(left, "secr");
  {
    const UniqueFd live(::open(left.c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::flock(live.get(), LOCK_EX), 0);
    EXPECT_TRUE(succeeds(taken)) << "being put there just now";
  }
  EXPECT_TRUE(succeeds([&] {
    auto file = stage(false);
    if (!file || !file->publish()) return false;
    file->keep();
    return true;
  }));
  EXPECT_EQ(test::read_file(path()), "secret");
  EXPECT_FALSE(std::filesystem::exists(left));
  test::write_file(left, "secr");
  EXPECT_TRUE(succeeds(taken)) << "it is not empty";
  EXPECT_EQ(test::read_file(path()), "secret");
}

INSTANTIATE_TEST_SUITE_P(On, Output, testing::ValuesIn(kFileSystems),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(OutputDirectory, IsNamedWhenItIsMissing) {
  const auto file = OutputFile::stage("/nowhere/at/all", as_bytes("x"), 0600, false);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), Code::no_input);
  EXPECT_NE(file.error().what().find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace sifguard
