// Giving up files and network: what is left to a process afterwards, tried in children.
#include "helper/process/landlock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tests/kernel/refusals.h"

namespace sifguard {
namespace {

constexpr int kNoLandlock = 100;

/// Exit status of a child that gives up its rights and then does `deed`, which is told the ABI.
int afterwards(const std::function<int(int)>& deed) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto abi = give_up_files_and_network();
    if (!abi) ::_exit(99);
    ::_exit(*abi == 0 ? kNoLandlock : deed(*abi));
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define SG_NEED_LANDLOCK(status) \
  if ((status) == kNoLandlock) GTEST_SKIP() << "SKIPPED: this kernel has no Landlock"

int refused(bool failed, int expected) {
  return failed && errno == expected ? 0 : 1;
}

TEST(Landlock, LeavesNoFile) {
  const int status = afterwards([](int) {
    const std::string path = "/tmp/sifguard-landlock-" + std::to_string(::getpid());
    return refused(::open("/etc/passwd", O_RDONLY) < 0, EACCES) +
           refused(::open("/", O_RDONLY | O_DIRECTORY) < 0, EACCES) +
           refused(::open(path.c_str(), O_WRONLY | O_CREAT, 0600) < 0, EACCES) +
           refused(::mkdir(path.c_str(), 0700) < 0, EACCES) +
           refused(::execl("/bin/true", "true", nullptr) < 0, EACCES);
  });
  SG_NEED_LANDLOCK(status);
  EXPECT_EQ(status, 0);
}

TEST(Landlock, LeavesOpenDescriptorsUsable) {
  const int fd = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  const int status = afterwards([fd](int) {
    char byte = 1;
    return ::pread(fd, &byte, 1, 0) == 1 && byte == 0 ? 0 : 1;
  });
  ::close(fd);
  SG_NEED_LANDLOCK(status);
  EXPECT_EQ(status, 0);
}

TEST(Landlock, BindsThreadsStartedLater) {
  const int status = afterwards([](int) {
    pthread_t thread{};
    const auto open_one = [](void*) -> void* {
      return ::open("/etc/passwd", O_RDONLY) < 0 ? nullptr : &errno;
    };
    void* opened = &errno;
    if (::pthread_create(&thread, nullptr, open_one, nullptr) != 0) return 2;
    ::pthread_join(thread, &opened);
    return opened == nullptr ? 0 : 1;
  });
  SG_NEED_LANDLOCK(status);
  EXPECT_EQ(status, 0);
}

TEST(Landlock, LeavesNoTcp) {
  constexpr int kTooOld = 101;
  const int status = afterwards([](int abi) {
    if (abi < 4) return kTooOld;
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* const any = reinterpret_cast<const sockaddr*>(&address);
    const int bound = refused(::bind(socket, any, sizeof address) < 0, EACCES);
    address.sin_port = htons(9);
    return bound + refused(::connect(socket, any, sizeof address) < 0, EACCES);
  });
  SG_NEED_LANDLOCK(status);
  if (status == kTooOld) GTEST_SKIP() << "SKIPPED: this kernel's Landlock knows no TCP";
  EXPECT_EQ(status, 0);
}

TEST(Landlock, ReachesNoProcessOrAbstractSocketOutside) {
  constexpr int kTooOld = 101;
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "sifguard-landlock-" + std::to_string(::getpid());
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto* const any = reinterpret_cast<const sockaddr*>(&address);
  ASSERT_EQ(::bind(listener, any, sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  const int status = afterwards([any](int abi) {
    if (abi < 6) return kTooOld;
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return refused(::connect(socket, any, sizeof(sockaddr_un)) < 0, EPERM) +
           refused(::kill(::getppid(), 0) < 0, EPERM);
  });
  ::close(listener);
  SG_NEED_LANDLOCK(status);
  if (status == kTooOld) GTEST_SKIP() << "SKIPPED: this kernel's Landlock knows no scopes";
  EXPECT_EQ(status, 0);
}

TEST(Landlock, KeepsOnlyWhatIsSaid) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::string home = "/tmp/sifguard-landlock-XXXXXX";
    if (::mkdtemp(home.data()) == nullptr) ::_exit(90);
    const std::vector<std::string> read = {"/usr", "/bin", "/lib", "/lib64", "/nonexistent"};
    const std::vector<std::string> write = {home, "/dev/null"};
    const auto abi = keep_only({read, write});
    if (!abi) ::_exit(99);
    if (*abi == 0) ::_exit(kNoLandlock);
    const std::string inside = home + "/a";
    const std::string moved = home + "/b";
    const bool kept = ::open(inside.c_str(), O_WRONLY | O_CREAT, 0600) >= 0 &&
                      ::rename(inside.c_str(), moved.c_str()) == 0 &&
                      ::unlink(moved.c_str()) == 0 && ::open("/dev/null", O_RDWR) >= 0 &&
                      ::open("/usr", O_RDONLY | O_DIRECTORY) >= 0 &&
                      ::system("exec /bin/true") == 0;  // NOLINT(cert-env33-c)
    const int wrong = refused(::open("/etc/passwd", O_RDONLY) < 0, EACCES) +
                      refused(::open("/proc/self/maps", O_RDONLY) < 0, EACCES) +
                      refused(::open("/usr/written", O_WRONLY | O_CREAT, 0600) < 0, EACCES) +
                      refused(::mkdir("/tmp/sifguard-landlock-outside", 0700) < 0, EACCES);
    ::_exit(kept ? wrong : 50);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  SG_NEED_LANDLOCK(code);
  EXPECT_EQ(code, 0);
}

TEST(Landlock, ThatIsMissingIsSaid) {
  const pid_t child = ::fork();
  if (child == 0) {
    const std::vector<std::string> refusals = {"linux-4.18"};
    test::refuse_from_now_on(refusals);
    const auto abi = give_up_files_and_network();
    ::_exit(abi && *abi == 0 && landlock_version() == 0 ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sifguard
