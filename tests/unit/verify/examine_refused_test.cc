// Images examined on nodes that refuse namespaces, and on old kernels: the sandbox stands by other
// means, or nothing is examined. Needs root, which alone asks for namespaces.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/kernel/refusals.h"
#include "tests/unit/verify/examine_fixture.h"

namespace sifguard {
namespace {

using Refusals = std::vector<std::string>;

class ExamineRefused : public Examine {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
    Examine::SetUp();
    options_.identity = Identity{65534, 65534, {}};
    signed_ = test::signed_image(test::plain_image(), gpg_, alice_);
  }

  /// The verdict on an image that is well signed by OpenPGP, where the kernel refuses what is said.
  std::string verdict_without(const Refusals& refusals) {
    auto pipe = make_pipe();
    const pid_t tester = ::fork();
    if (tester == 0) {
      if (!refusals.empty()) test::refuse_from_now_on(refusals);
      const auto told = write_all(pipe->write_end.get(),
                                  verdict(signed_, gpg_.public_key(alice_), alice_), "pipe");
      ::_exit(told ? 0 : 1);
    }
    pipe->write_end.reset();
    auto said = read_until(pipe->read_end.get(), 65536, monotonic_ms() + 90'000, "tester");
    ::waitpid(tester, nullptr, 0);
    return said ? *said : said.error().what();
  }

  /// In place of gpg: a script that becomes gpg unless `attempt` succeeds.
  void try_in_gpg(const std::string& attempt) {
    options_.gpg = directory_ + "/gpg";
    std::ofstream(options_.gpg) << "#!/bin/bash\n"
                                << attempt << " 2>/dev/null && exit 1\nexec /usr/bin/gpg \"$@\"\n";
    ::chmod(options_.gpg.c_str(), 0755);
  }

  test::TestGpg gpg_;
  std::string alice_ = gpg_.generate("alice");
  std::string signed_;
};

const std::vector<Refusals> kNodes = {{},
                                      {"net"},
                                      {"pid"},
                                      {"ipc"},
                                      {"mnt"},
                                      {"user"},
                                      {"net=EPERM", "pid=EPERM", "ipc=EPERM", "mnt=EPERM"},
                                      {"net", "pid", "ipc", "mnt", "user"},
                                      {"linux-5.14"},
                                      {"linux-5.14", "net", "pid", "ipc", "mnt"},
                                      {"linux-4.18"},
                                      {"linux-4.18", "net", "pid", "ipc"}};

std::string name_of(const Refusals& refusals) {
  std::string name = "without";
  for (const std::string& one : refusals) name += " " + one;
  return name;
}

TEST_F(ExamineRefused, GoesOnWhereOtherWallsStand) {
  for (const Refusals& node : kNodes) {
    EXPECT_EQ(verdict_without(node), "ACCEPTED") << name_of(node);
    EXPECT_TRUE(std::filesystem::is_empty(options_.scratch_dir)) << name_of(node);
  }
}

TEST_F(ExamineRefused, ShowsGpgNoMoreThanBefore) {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 16), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const std::string port = std::to_string(ntohs(address.sin_port));
  const std::string open = directory_ + "/open";
  std::filesystem::create_directory(open);
  ::chmod(open.c_str(), 0777);
  const pid_t victim = ::fork();
  if (victim == 0) {
    if (::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  const std::string other = std::to_string(victim);
  for (const std::string& attempt :
       {": </dev/tcp/127.0.0.1/" + port, "touch " + open + "/written", "kill -0 " + other,
        "cat /proc/" + other + "/cmdline", std::string("setsid true")}) {
    try_in_gpg(attempt);
    for (const Refusals& node : {Refusals{}, Refusals{"net", "pid", "ipc", "mnt", "user"},
                                 Refusals{"linux-4.18", "net", "pid", "ipc"}}) {
      EXPECT_EQ(verdict_without(node), "ACCEPTED") << name_of(node) << ": " << attempt;
    }
  }
  ::kill(victim, SIGKILL);
  ::waitpid(victim, nullptr, 0);
  try_in_gpg("true");  // what succeeds is seen
  EXPECT_NE(verdict_without({}), "ACCEPTED");
}

TEST_F(ExamineRefused, EndsWhereNoWallIsLeft) {
  EXPECT_THAT(verdict_without({"seccomp"}),
              HasSubstr("the node does not allow system call filters"));
  const std::string neither = verdict_without({"linux-4.18", "mnt"});  // no Landlock either
  EXPECT_THAT(neither, HasSubstr("leave the node's mounts"));
  EXPECT_THAT(neither, HasSubstr("max_*_namespaces"));
}

}  // namespace
}  // namespace sifguard
