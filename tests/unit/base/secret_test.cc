#include "keystore/base/secret.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

/// The VmFlags line of the mapping that holds `address`.
std::string mapping_flags(const void* address) {
  std::ifstream smaps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    unsigned long first = 0;
    unsigned long last = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &first, &last) == 2) {  // NOLINT(cert-err34-c)
      inside = wanted >= first && wanted < last;
    } else if (inside && line.rfind("VmFlags:", 0) == 0) {
      return line + " ";
    }
  }
  return {};
}

TEST(Secret, IsLockedAndNeverDumped) {
  auto secret = SecretBytes::copy_of(as_bytes("top secret"));
  ASSERT_TRUE(secret);
  EXPECT_EQ(as_text(secret->bytes()), "top secret");
  const std::string flags = mapping_flags(secret->bytes().data());
#ifndef SIFGUARD_SANITIZED  // AddressSanitizer makes mlock() do nothing
  EXPECT_NE(flags.find(" lo "), std::string::npos) << flags;
#endif
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
}

TEST(Secret, IsNotInheritedByAChild) {
  auto secret = SecretBytes::copy_of(as_bytes("top secret"));
  ASSERT_TRUE(secret);
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(as_text(secret->bytes())[0] == '\0' ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

TEST(Secret, ShrinkWipesTheRest) {
  auto secret = SecretBytes::copy_of(as_bytes("abcdef"));
  ASSERT_TRUE(secret);
  const std::byte* const data = secret->bytes().data();
  secret->shrink(2);
  EXPECT_EQ(secret->size(), 2U);
  EXPECT_EQ(data[3], std::byte{0});
  secret->shrink(5);
  EXPECT_EQ(secret->size(), 2U);
}

TEST(Secret, MovedFromIsEmpty) {
  auto first = SecretBytes::copy_of(as_bytes("x"));
  ASSERT_TRUE(first);
  const SecretBytes second = std::move(*first);
  EXPECT_TRUE(first->empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(second.size(), 1U);
}

TEST(Secret, ReadStopsAtTheLimit) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe && write_all(pipe->write_end.get(), "12345", "pipe"));
  pipe->write_end.reset();
  EXPECT_FALSE(read_secret(pipe->read_end.get(), 4, "pipe"));
}

TEST(Secret, WipeLeavesZeros) {
  std::string text = "secret";
  wipe(std::as_writable_bytes(std::span(text.data(), text.size())));
  EXPECT_EQ(text, std::string(6, '\0'));
}

TEST(Secret, HardenedProcessDumpsNoCore) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    struct rlimit core {
      1, 1
    };
    const bool good = harden_process() && ::getrlimit(RLIMIT_CORE, &core) == 0 &&
                      core.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
    ::_exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sifguard
