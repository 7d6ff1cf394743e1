// Children on nodes that refuse namespaces, and on old kernels. Parts of it need root.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "keystore/base/child.h"
#include "keystore/base/text.h"
#include "tests/kernel/refusals.h"
#include "tests/unit/base/child_shell.h"

namespace sifguard {
namespace {

using test::kSecond;
using test::shell;

std::string outcome_of(const ChildSpec& spec) {
  ChildSpec copy = spec;
  auto pipe = make_pipe();
  copy.fds.push_back({pipe->write_end.get(), 1});
  auto child = start_child(copy);
  if (!child) return std::string(code_name(child.error().code())) + ": " + child.error().line();
  pipe->write_end.reset();
  auto text = read_until(pipe->read_end.get(), 65536, monotonic_ms() + 20 * kSecond, "child");
  const auto status = child->wait(monotonic_ms() + 20 * kSecond);
  return text && status ? *text : "FAILED";
}

Isolation isolated(Namespace how) {
  Isolation all;
  all.network = all.processes = all.mounts = how;
  return all;
}

/// A directory on the host that a child's home is made in, or covered by its own memory.
class Scratch {
 public:
  Scratch() { std::filesystem::create_directory(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }
  /// A child, nobody, that says what it can write to, and which processes it sees.
  [[nodiscard]] ChildSpec confined() const {
    ChildSpec spec = shell("touch " + path_ +
                           "/home/a && echo home; touch /tmp/child-outside && "
                           "echo outside; test -d /proc/1 && cat /proc/1/comm");
    spec.identity = Identity{65534, 65534, {}};
    spec.isolation = isolated(Namespace::if_given);
    spec.isolation.mounts = Namespace::must;
    spec.isolation.scratch = path_;
    spec.isolation.home = path_ + "/home";
    return spec;
  }
  [[nodiscard]] bool is_empty() const { return std::filesystem::is_empty(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ =
      std::filesystem::temp_directory_path() / ("child-test-" + std::to_string(::getpid()));
};

TEST(ChildAsRoot, CanWriteOnlyToItsPrivateMemory) {
  REQUIRE_ROOT();
  const Scratch scratch;
  EXPECT_EQ(outcome_of(scratch.confined()), "home\nsh\n");
  EXPECT_TRUE(scratch.is_empty());  // what it wrote went with its namespace
}

/// What `deed` says, in a process of its own to which the kernel refuses what is said.
std::string without(const std::vector<std::string>& refusals,
                    const std::function<std::string()>& deed) {
  auto pipe = make_pipe();
  const pid_t tester = ::fork();
  if (tester == 0) {
    test::refuse_from_now_on(refusals);
    const auto told = write_all(pipe->write_end.get(), deed(), "pipe");
    ::_exit(told ? 0 : 1);
  }
  pipe->write_end.reset();
  auto said = read_until(pipe->read_end.get(), 65536, monotonic_ms() + 30 * kSecond, "tester");
  ::waitpid(tester, nullptr, 0);
  return said ? *said : said.error().what();
}

ChildSpec told_its_namespaces() {
  ChildSpec spec = shell("for n in net ipc mnt pid; do readlink /proc/self/ns/$n; done");
  spec.isolation = isolated(Namespace::if_given);
  return spec;
}

TEST(ChildAsRoot, HasEveryNamespaceButThoseThatTheNodeRefuses) {
  REQUIRE_ROOT();
  const std::vector<std::string> names = {"net", "ipc", "mnt", "pid"};
  const auto ours = split(outcome_of(shell("for n in net ipc mnt pid; do readlink "
                                           "/proc/self/ns/$n; done")),
                          '\n');
  for (const char* const error : {"ENOSPC", "EPERM", "EINVAL", "ENOSYS", "EUSERS"}) {
    for (std::size_t refused = 0; refused < names.size(); ++refused) {
      const std::string refusal = names[refused] + "=" + error;
      const auto theirs =
          split(without({refusal}, [] { return outcome_of(told_its_namespaces()); }), '\n');
      ASSERT_EQ(theirs.size(), ours.size()) << refusal;
      for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(theirs[i] == ours[i], i == refused) << refusal << ": " << names[i];
      }
    }
  }
}

TEST(ChildAsRoot, IsNotStartedWithoutANamespaceThatItMustHave) {
  REQUIRE_ROOT();
  ChildSpec spec = shell("echo started");
  spec.isolation = isolated(Namespace::must);
  for (const char* const name : {"net", "ipc", "mnt", "pid"}) {
    const std::string outcome = without({name}, [&] { return outcome_of(spec); });
    EXPECT_TRUE(outcome.starts_with("config: ")) << name << ": " << outcome;
    EXPECT_NE(outcome.find("max_*_namespaces"), std::string::npos) << outcome;
  }
  EXPECT_EQ(outcome_of(spec), "started\n");
}

TEST(ChildAsRoot, ThatLacksMemoryForANamespaceIsNotStartedWithoutIt) {
  REQUIRE_ROOT();
  ChildSpec spec = shell("echo started");
  spec.isolation = isolated(Namespace::if_given);
  for (const char* const name : {"net=ENOMEM", "ipc=ENOMEM", "mnt=ENOMEM", "pid=ENOMEM"}) {
    const std::string outcome = without({name}, [&] { return outcome_of(spec); });
    EXPECT_TRUE(outcome.starts_with("temporary: ")) << name << ": " << outcome;
  }
}

TEST(ChildAsRoot, SeesNoProcessOfOthersWithoutAPidNamespace) {
  REQUIRE_ROOT();
  const Scratch scratch;
  EXPECT_EQ(without({"pid"}, [&] { return outcome_of(scratch.confined()); }), "home\n");
}

TEST(ChildAsRoot, HasItsHomeOnTheHostWithoutAMountNamespace) {
  REQUIRE_ROOT();
  const Scratch scratch;
  ChildSpec spec = scratch.confined();
  spec.isolation.mounts = Namespace::if_given;
  spec.argv[2] = "touch " + scratch.path() + "/home/a && stat -c %U:%a " + scratch.path() + "/home";
  EXPECT_EQ(without({"mnt"}, [&] { return outcome_of(spec); }), "nobody:700\n");
  EXPECT_TRUE(std::filesystem::exists(scratch.path() + "/home/a"));
}

// Linux 4.18 has no mount_setattr(), close_range(), pidfd_open().
TEST(ChildAsRoot, IsConfinedByAnOldKernelAsWell) {
  REQUIRE_ROOT();
  const Scratch scratch;
  EXPECT_EQ(without({"linux-4.18"}, [&] { return outcome_of(scratch.confined()); }), "home\nsh\n");
  EXPECT_TRUE(scratch.is_empty());
  ChildSpec written = shell(
      "for d in / /proc /sys /dev /dev/shm /run /tmp; do test ! -d $d || "
      "touch $d/written 2>/dev/null && echo $d; done; echo end");
  written.isolation.mounts = Namespace::must;
  EXPECT_EQ(without({"linux-4.18"}, [&] { return outcome_of(written); }), "end\n");
}

TEST(Child, OfAnOldKernelHasOnlyTheDescriptorsGiven) {
  const UniqueFd stray(::open("/etc/passwd", O_RDONLY));  // deliberately without O_CLOEXEC
  ChildSpec spec;
  spec.program = "/bin/ls";
  spec.argv = {"ls", "/proc/self/fd"};
  EXPECT_EQ(without({"linux-4.18"}, [&] { return outcome_of(spec); }), "0\n1\n2\n3\n");
}

/// Runs a script whose background job outlives it, or both the deadline; says how that ends. The
/// job holds a pipe: its end tells of the job's.
std::string end_of_session(const std::string& script, std::int64_t wait_ms) {
  auto pipe = make_pipe();
  ChildSpec spec = shell(script);
  spec.fds = {{pipe->write_end.get(), 1}};
  auto child = start_child(spec);
  if (!child) return child.error().what();
  pipe->write_end.reset();
  const std::int64_t start = monotonic_ms();
  const auto status = child->wait(start + wait_ms);
  const auto text = read_until(pipe->read_end.get(), 64, monotonic_ms() + 5 * kSecond, "the job");
  if (!text) return text.error().what();
  if (monotonic_ms() - start > 8 * kSecond) return "late";
  return status ? "ended by itself" : std::string(code_name(status.error().code()));
}

constexpr const char* kStays = "sleep 60 & sleep 60";
constexpr const char* kLeavesAJob = "sleep 60 & exit 0";

TEST(Child, TakesItsSessionAlong) {
  EXPECT_EQ(end_of_session(kStays, 100), "temporary");
  EXPECT_EQ(end_of_session(kLeavesAJob, 10 * kSecond), "ended by itself");
}

TEST(Child, OfAnOldKernelTakesItsSessionAlong) {
  const std::vector<std::string> old = {"linux-4.18"};
  EXPECT_EQ(without(old, [] { return end_of_session(kStays, 100); }), "temporary");
  EXPECT_EQ(without(old, [] { return end_of_session(kLeavesAJob, 10 * kSecond); }),
            "ended by itself");
}

}  // namespace
}  // namespace sifguard
