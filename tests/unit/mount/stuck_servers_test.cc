// FUSE servers that wait for themselves on their way out: the texts of /proc, and a real one.
#include "helper/mount/stuck_servers.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fuse.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ThreadState, IsReadBehindTheName) {
  const auto state =
      parse_thread_state("27906 (gocryptfs) D 23321 27900 27900 0 -1 4195596 1821 0");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->name, "gocryptfs");
  EXPECT_EQ(state->state, 'D');
  EXPECT_TRUE(state->exiting);
  EXPECT_FALSE(parse_thread_state("1 (x) S 0 1 1 0 -1 4194560 8 0")->exiting);
}

TEST(ThreadState, ANameMayHoldAnything) {
  const auto state = parse_thread_state("7 (a) D 1 (b) S 0 1 1 0 -1 0 8 0");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->name, "a) D 1 (b");
  EXPECT_EQ(state->state, 'S');
}

TEST(ThreadState, AnythingElseIsNone) {
  for (const char* line :
       {"", "7", "7 (a", "7 a) D", ")(", "7 (a) D", "7 (a) D 1 1 1 0 -1", "7 (a) D 1 1 1 0 -1 x 8",
        "7 (a) D 1 1 1 0 -1 -4 8", "7 (a) DD 1 1 1 0 -1 4 8", "7 (a)  D 1 1 1 0 -1 4 8"}) {
    EXPECT_FALSE(parse_thread_state(line)) << line;
  }
}

TEST(ServedConnections, AreThoseOfItsOwnType) {
  const std::string text =
      "254 168 0:66 / /session rw,nosuid shared:111 - tmpfs tmpfs rw\n"
      "265 254 0:70 / /session/plain rw,nosuid shared:115 - fuse.gocryptfs cipher rw,user_id=1001\n"
      "266 254 0:71 / /session/image rw - fuse.squashfuse image rw\n"
      "267 254 0:72 / /home/x rw - fuse.sshfs gocryptfs rw\n"
      "268 254 0:73 / /home/y rw master:1 propagate_from:2 - fuse.gocryptfs z rw\n";
  EXPECT_THAT(served_connections(text, "gocryptfs"), ElementsAre(70U, 73U));
  EXPECT_THAT(served_connections(text, "squashfuse"), ElementsAre(71U));
  EXPECT_THAT(served_connections(text, "fuse2fs"), IsEmpty());
}

TEST(ServedConnections, AMalformedLineIsNone) {
  for (const char* line :
       {"", "\n\n", "265 254 0:70 / /p rw fuse.gocryptfs c rw", "265 254 0:70 / /p rw -",
        "265 254 0:x / /p rw - fuse.gocryptfs c rw", "265 254 8:1 / /p rw - fuse.gocryptfs c rw",
        "265 254 0:-1 / /p rw - fuse.gocryptfs c rw", "- fuse.gocryptfs"}) {
    EXPECT_THAT(served_connections(line, "gocryptfs"), IsEmpty()) << line;
  }
}

template <typename Body>
void answer(int fd, std::uint64_t unique, const Body& body) {
  std::array<char, sizeof(fuse_out_header) + sizeof body> message{};
  const fuse_out_header header{message.size(), 0, unique};
  std::memcpy(message.data(), &header, sizeof header);
  std::memcpy(message.data() + sizeof header, &body, sizeof body);
  if (::write(fd, message.data(), message.size()) < 0) ::_exit(90);
}

fuse_attr attributes(std::uint64_t node) {
  fuse_attr attr{};
  attr.ino = node;
  attr.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755U : S_IFREG | 0644U;
  attr.nlink = 1;
  return attr;
}

/// Serves one directory in which every name is a file; never answers when one is closed.
void serve(int fd) {
  alignas(8) std::array<char, 1 << 17> buffer{};
  for (;;) {
    if (::read(fd, buffer.data(), buffer.size()) < 0) return;
    fuse_in_header in{};
    std::memcpy(&in, buffer.data(), sizeof in);
    if (in.opcode == FUSE_INIT) {
      fuse_init_out out{};
      out.major = FUSE_KERNEL_VERSION;
      out.minor = 31;
      out.max_write = 4096;
      answer(fd, in.unique, out);
    } else if (in.opcode == FUSE_LOOKUP) {
      fuse_entry_out out{};
      out.nodeid = 2;
      out.attr = attributes(2);
      answer(fd, in.unique, out);
    } else if (in.opcode == FUSE_GETATTR) {
      fuse_attr_out out{};
      out.attr = attributes(in.nodeid);
      answer(fd, in.unique, out);
    } else if (in.opcode == FUSE_OPEN) {
      answer(fd, in.unique, fuse_open_out{});
    } else if (in.opcode != FUSE_FLUSH) {
      const fuse_out_header none{sizeof none, -ENOSYS, in.unique};
      if (::write(fd, &none, sizeof none) < 0) ::_exit(90);
    }
  }
}

/// A server called `name` that dies with a file of its own mount open. Ends in other ways only when
/// this machine has no FUSE.
[[noreturn]] void die_waiting(const std::string& directory, const char* name) {
  const int low = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
  const int fuse = ::fcntl(low, F_DUPFD_CLOEXEC, 100);  // closed after the file, as fate would have
  ::close(low);
  const std::string options = "fd=" + std::to_string(fuse) + ",rootmode=40000,user_id=0,group_id=0";
  const std::string type = std::string("fuse.") + name;
  if (fuse < 0 || ::unshare(CLONE_NEWNS) != 0 ||
      ::mount("", "/", nullptr, MS_PRIVATE | MS_REC, nullptr) != 0 ||
      ::mount(name, directory.c_str(), type.c_str(), MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    ::_exit(77);
  }
  std::thread server(serve, fuse);
  if (::open((directory + "/file").c_str(), O_RDONLY) < 0) ::_exit(91);
  ::prctl(PR_SET_NAME, name);
  ::kill(::getpid(), SIGKILL);
  server.join();
  ::_exit(92);
}

/// Whether `child` ends within `tenths` of a second.
bool ends(pid_t child, int tenths, int& status) {
  for (int i = 0; i < tenths; ++i) {
    if (::waitpid(child, &status, WNOHANG) == child) return true;
    ::usleep(100'000);
  }
  return false;
}

TEST(StuckServers, ARealOneIsFreed) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  const test::TempDir directory;
  const pid_t child = ::fork();
  if (child == 0) die_waiting(directory.path().string(), "gocryptfs");
  int status = 0;
  if (ends(child, 5, status)) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "SKIPPED: no FUSE here";
    if (WIFSIGNALED(status)) GTEST_SKIP() << "SKIPPED: this kernel's servers do not wait";
    FAIL() << "the server failed: " << status;
  }
  const pid_t helper = ::fork();  // it changes its mount namespace
  if (helper == 0) {
    const auto freed = free_stuck_servers();
    ::_exit(freed && *freed == 1 ? 0 : 1);
  }
  int freed = -1;
  ::waitpid(helper, &freed, 0);
  EXPECT_EQ(freed, 0);
  EXPECT_TRUE(ends(child, 20, status));
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(access("/sys/fs/fuse/connections", F_OK), 0);
}

TEST(StuckServers, WithoutOneNothingIsDone) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(::stat("/proc/self/ns/mnt", &before), 0);
  const auto freed = free_stuck_servers();
  ASSERT_TRUE(freed) << freed.error().line();
  EXPECT_EQ(*freed, 0U);
  ASSERT_EQ(::stat("/proc/self/ns/mnt", &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

}  // namespace
}  // namespace sifguard
