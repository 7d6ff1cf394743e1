// Hostile images, and sandboxed programs that crash, hang or lie. Root for the namespaces.
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "tests/unit/verify/examine_fixture.h"

namespace sifguard {
namespace {

TEST_F(Examine, GarbageIsRefused) {
  for (const std::string& image :
       {std::string(), std::string(128, '\0'), std::string(100000, '\xff'),
        std::string("#!/bin/sh\necho hello\n")}) {
    const auto facts = examine(image, {});
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code(), Code::refused);
  }
  std::string huge = test::plain_image().build();
  poke<std::int64_t>(huge, 88, INT64_MAX);
  EXPECT_THAT(examine(huge, {}).error().what(), HasSubstr("more than the 4096 allowed"));
  poke<std::int64_t>(huge, 88, -1);
  EXPECT_THAT(examine(huge, {}).error().what(), HasSubstr("negative: -1"));
}

TEST_F(Examine, TruncatedImagesAreRefused) {
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string image = test::signed_image(test::plain_image(), gpg, alice);
  for (std::size_t size = 1; size < image.size(); size += 1009) {
    const auto facts = examine(image.substr(0, size), {});
    ASSERT_FALSE(facts) << size;
    EXPECT_EQ(facts.error().code(), Code::refused);
  }
}

TEST_F(Examine, NoRegularFileIsNoInput) {
  options_.deadline_ms = monotonic_ms() + 10000;
  const UniqueFd device(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(examine_image(device.get(), {}, options_).error().code(), Code::no_input);
  EXPECT_EQ(examine_image(-1, {}, options_).error().code(), Code::no_input);
}

TEST_F(Examine, AKeyThatIsNoneRefuses) {
  const std::string image = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(image);
  EXPECT_FALSE(examine(image, {"not a key"}));
  EXPECT_FALSE(examine(image, {vector_key(), std::string("\0\0", 2)}));
}

TEST_F(Examine, AMissingGpgOrProgramIsUnavailable) {
  const std::string image = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(image);
  options_.gpg = "/nonexistent/gpg";
  EXPECT_EQ(examine(image, {vector_key()}).error().code(), Code::unavailable);
  options_.libexec_dir = "/nonexistent";
  EXPECT_EQ(examine(image, {vector_key()}).error().code(), Code::unavailable);
}

TEST_F(Examine, AForbiddenSystemCallRefuses) {
  options_.libexec_dir = SIFGUARD_FORBIDDEN_CALL;
  const auto facts = examine("x", {});
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code(), Code::refused);
  EXPECT_THAT(facts.error().what(), HasSubstr("forbidden system call"));
}

TEST_F(Examine, VerifiersThatFailRefuse) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"exit 3", "fail with status 3"},      {"exit 0", "malformed answer"},
      {"echo good >&4", "malformed answer"}, {"printf 'SGVR\\004\\001' >&4", "malformed answer"},
      {"cat <&3 >&4", "malformed answer"},   {"yes >&4", "answered more than allowed"},
  };
  for (const auto& [script, complaint] : cases) {
    stand_in("sifguard-verifier", script);
    const auto facts = examine("image", {});
    ASSERT_FALSE(facts) << script;
    EXPECT_EQ(facts.error().code(), Code::refused) << script;
    EXPECT_THAT(facts.error().what(), HasSubstr(complaint)) << script;
  }
}

TEST_F(Examine, AGoodReportDoesNotCountAfterACrash) {
  const std::string image = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(image);
  stand_in("sifguard-verifier", std::string(SIFGUARD_BIN) + "/sifguard-verifier; exit 1");
  EXPECT_THAT(examine(image, {vector_key()}).error().what(), HasSubstr("fail with status 1"));
}

bool is_alive(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t state = text.rfind(") ");
  return state != std::string::npos && text[state + 2] != 'Z';
}

/// Kills a child of the calling thread from another one, as the kernel does for memory.
std::thread kill_the_child() {
  const std::string list = "/proc/self/task/" + std::to_string(::gettid()) + "/children";
  return std::thread([list] {
    for (int i = 0; i < 500; ++i, ::usleep(10'000)) {
      pid_t child = 0;  // the last: those before were left by other tests, and have ended
      std::ifstream children(list);
      for (pid_t each = 0; children >> each;) child = each;
      if (child > 0 && is_alive(child) && ::kill(child, SIGKILL) == 0) return;
    }
  });
}

TEST_F(Examine, AProgramThatIsKilledSaysNothingAboutTheImage) {
  stand_in("sifguard-verifier", "exec sleep 60");  // else the shell's child holds the pipe open
  std::thread killer = kill_the_child();
  const auto facts = examine("image", {});
  killer.join();
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code(), Code::temporary) << facts.error().line();
  EXPECT_THAT(facts.error().what(), HasSubstr("sifguard-verifier was killed"));
}

TEST_F(Examine, ProgramsThatHangAreEnded) {
  stand_in("sifguard-verifier", "sleep 60");
  const std::int64_t start = monotonic_ms();
  const auto facts = examine("image", {}, 300);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code(), Code::temporary);
  stand_in("sifguard-verifier", "exec 4>&-; sleep 60");  // closes its answer first
  EXPECT_EQ(examine("image", {}, 300).error().code(), Code::temporary);
  EXPECT_LT(monotonic_ms() - start, 20000);
}

TEST_F(Examine, OpenpgpChecksThatFailRefuse) {
  const std::string image = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(image);
  const std::vector<std::pair<std::string, Code>> cases = {
      {"exit 1", Code::refused},
      {"printf 'SGPA\\001\\001\\000\\000\\000\\000' >&4", Code::refused},
      {"printf 'SGPA\\001\\001\\001\\000\\000\\000\\001' >&4", Code::refused},
      {"yes >&4", Code::refused},
      {"sleep 60", Code::temporary},
  };
  for (const auto& [script, code] : cases) {
    stand_in("sifguard-pgp", script);
    const auto facts = examine(image, {vector_key()}, code == Code::temporary ? 500 : 20000);
    ASSERT_FALSE(facts) << script;
    EXPECT_EQ(facts.error().code(), code) << script << ": " << facts.error().line();
  }
}

}  // namespace
}  // namespace sifguard
