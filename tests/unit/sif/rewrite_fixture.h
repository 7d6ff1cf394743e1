// An image, and the change that is made to it in the tests of rewrite.h.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <seccomp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "helper/sif/edit.h"
#include "helper/sif/image.h"
#include "helper/sif/rewrite.h"
#include "tests/unit/base/temp_dir.h"
#include "tests/unit/sif/sif_builder.h"

namespace sifguard::sif {

using Names = std::vector<std::string>;

constexpr std::int64_t kNow = 1800000000;

/// The change that is made everywhere here.
inline Status sign(const std::string& path, const ImageRewrite::OnCopied& on_copied = nullptr) {
  SG_TRY(ImageRewrite rewrite, ImageRewrite::open(path));
  SG_CHECK(rewrite.copy(on_copied));
  NewSignature signature;
  signature.group = 1;
  signature.data = "a new signature";
  SG_TRY(const std::uint32_t id, add_signature(rewrite.copied(), signature, kNow));
  EXPECT_EQ(id, 3U);
  return rewrite.commit();
}

class Rewrite : public testing::Test {
 protected:
  void SetUp() override {
    old_ = test::plain_image().build();
    test::write_file(path_, old_);
  }
  [[nodiscard]] std::string bytes() const { return test::read_file(path_); }
  [[nodiscard]] bool is_signed() const { return bytes().ends_with("a new signature"); }
  [[nodiscard]] Names names() const {
    Names found;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      found.push_back(entry.path().filename());
    }
    return found;
  }
  void expect_untouched() const {
    EXPECT_TRUE(bytes() == old_);
    EXPECT_THAT(names(), testing::ElementsAre("image.sif"));
  }
  void expect_error(const Status& status, Code code, const std::string& text) const {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code(), code);
    EXPECT_THAT(status.error().what(), testing::HasSubstr(text));
  }

  /// The change in a child of its own, after `prepare`; its wait status.
  template <typename Prepare>
  int sign_in_child(const Prepare& prepare) const {
    const pid_t child = ::fork();
    if (child == 0) {
      prepare();
      const Status done = sign(path_);
      ::_exit(done ? 0 : done.error().exit_status());
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
  }

  test::TempDir dir_;
  std::string path_ = dir_ / "image.sif";
  std::string old_;
};

inline void with_system_call(const char* name, std::uint32_t action) {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  const int number = ::seccomp_syscall_resolve_name(name);
  if (filter == nullptr || number < 0 || ::seccomp_rule_add(filter, action, number, 0) != 0 ||
      ::seccomp_load(filter) != 0) {
    ::_exit(99);
  }
  ::seccomp_release(filter);
}

inline void without_tmpfile() {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  const scmp_arg_cmp is_tmpfile{2, SCMP_CMP_MASKED_EQ, O_TMPFILE, O_TMPFILE};
  if (::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EOPNOTSUPP), SCMP_SYS(openat), 1, is_tmpfile) !=
          0 ||
      ::seccomp_load(filter) != 0) {
    ::_exit(99);
  }
  ::seccomp_release(filter);
}

/// File systems of the network do not exchange names.
inline void without_exchange() {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  const scmp_arg_cmp any_flag{4, SCMP_CMP_NE, 0, 0};
  if (::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(renameat2), 1, any_flag) != 0 ||
      ::seccomp_load(filter) != 0) {
    ::_exit(99);
  }
  ::seccomp_release(filter);
}

inline int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace sifguard::sif
