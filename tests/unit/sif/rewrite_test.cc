// Replacing an image is all or nothing: whatever call fails, wherever the process dies.
#include "helper/sif/rewrite.h"

#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <seccomp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <grp.h>
#include <array>

#include <csignal>
#include <filesystem>

#include "helper/sif/edit.h"
#include "helper/sif/image.h"
#include "tests/unit/base/temp_dir.h"
#include "tests/unit/sif/sif_builder.h"

namespace sifguard::sif {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Names = std::vector<std::string>;

constexpr std::int64_t kNow = 1800000000;

/// The change that is made everywhere here.
Status sign(const std::string& path, const ImageRewrite::OnCopied& on_copied = nullptr) {
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
    EXPECT_THAT(names(), ElementsAre("image.sif"));
  }
  void expect_error(const Status& status, Code code, const std::string& text) const {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code(), code);
    EXPECT_THAT(status.error().what(), HasSubstr(text));
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

void with_system_call(const char* name, std::uint32_t action) {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  const int number = ::seccomp_syscall_resolve_name(name);
  if (filter == nullptr || number < 0 || ::seccomp_rule_add(filter, action, number, 0) != 0 ||
      ::seccomp_load(filter) != 0) {
    ::_exit(99);
  }
  ::seccomp_release(filter);
}

void without_tmpfile() {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  const scmp_arg_cmp is_tmpfile{2, SCMP_CMP_MASKED_EQ, O_TMPFILE, O_TMPFILE};
  if (::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EOPNOTSUPP), SCMP_SYS(openat), 1, is_tmpfile) !=
          0 ||
      ::seccomp_load(filter) != 0) {
    ::_exit(99);
  }
  ::seccomp_release(filter);
}

int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Rewrite, PutsTheChangedCopyInPlace) {
  const UniqueFd before(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  std::uint64_t copied = 0;
  const Status done = sign(path_, [&](std::uint64_t bytes) { copied += bytes; });
  ASSERT_TRUE(done) << done.error().line();
  EXPECT_EQ(copied, old_.size());
  EXPECT_TRUE(is_signed());
  EXPECT_THAT(names(), ElementsAre("image.sif"));
  std::string kept(old_.size(), '\0');  // who has it open keeps what he had
  ASSERT_TRUE(pread_exact(before.get(), std::as_writable_bytes(std::span(kept.data(), kept.size())),
                          0, "old"));
  EXPECT_TRUE(kept == old_);
}

TEST_F(Rewrite, KeepsModeOwnerAndAttributes) {
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  const bool attributes = ::setxattr(path_.c_str(), "user.note", "x", 1, 0) == 0;
  const bool owner = ::geteuid() == 0 && ::chown(path_.c_str(), 1234, 4321) == 0;
  ASSERT_TRUE(sign(path_));
  struct stat st {};
  ASSERT_EQ(::stat(path_.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0640U);
  if (owner) {
    EXPECT_EQ(st.st_uid, 1234U);
    EXPECT_EQ(st.st_gid, 4321U);
  }
  std::array<char, 8> value{};
  if (attributes) {
    EXPECT_EQ(::getxattr(path_.c_str(), "user.note", value.data(), value.size()), 1);
  }
}

TEST_F(Rewrite, OfAnothersFileGivesNobodyMoreRights) {
  if (::geteuid() != 0) GTEST_SKIP() << "NEEDS ROOT: a file of somebody else";
  ASSERT_EQ(::chmod(path_.c_str(), 0662), 0);
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0777), 0);
  const int status = sign_in_child([] {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(99);
  });
  // The file is readable by root and its group alone.
  EXPECT_EQ(exit_status(status), static_cast<int>(Code::no_input));
  ASSERT_EQ(::chmod(path_.c_str(), 0676), 0);
  EXPECT_EQ(exit_status(sign_in_child([] {
              if (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0) {
                ::_exit(99);
              }
            })),
            0);
  struct stat st {};
  ASSERT_EQ(::stat(path_.c_str(), &st), 0);
  EXPECT_EQ(st.st_uid, 65534U);
  EXPECT_EQ(st.st_mode & 07777U, 0666U);
}

TEST_F(Rewrite, FollowsASymbolicLink) {
  const std::string link = dir_ / "link.sif";
  ASSERT_EQ(::symlink("image.sif", link.c_str()), 0);
  ASSERT_TRUE(sign(link));
  EXPECT_TRUE(is_signed());
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST_F(Rewrite, WorksWhereAFileNeedsAName) {
  EXPECT_EQ(exit_status(sign_in_child(without_tmpfile)), 0);
  EXPECT_TRUE(is_signed());
  EXPECT_THAT(names(), ElementsAre("image.sif"));
}

TEST_F(Rewrite, TellsTheNameThatAKilledProcessWouldLeave) {
  const pid_t child = ::fork();
  if (child == 0) {
    without_tmpfile();
    auto rewrite = ImageRewrite::open(path_);
    std::string told;
    const auto on_named = [&](int directory, const std::string& name) {
      told = ::faccessat(directory, ".", X_OK, 0) == 0 ? name : "";
    };
    const bool copied = rewrite && rewrite->copy(nullptr, on_named);
    ::_exit(copied && told.starts_with(".image.sif.") && names().size() == 2 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(exit_status(status), 0);
}

TEST_F(Rewrite, WorksWhereTheKernelDoesNotCopy) {
  for (const int error : {EXDEV, EOPNOTSUPP, ENOSYS, EINVAL}) {
    test::write_file(path_, old_);
    EXPECT_EQ(exit_status(sign_in_child([error] {
                with_system_call("ioctl", SCMP_ACT_ERRNO(EOPNOTSUPP));
                with_system_call("copy_file_range", SCMP_ACT_ERRNO(static_cast<unsigned>(error)));
              })),
              0);
    EXPECT_TRUE(is_signed());
  }
}

TEST_F(Rewrite, RefusesWhatIsNoFileOfOurs) {
  const std::string fifo = dir_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  expect_error(sign(fifo), Code::no_input, "not a regular file");
  expect_error(sign(dir_.path()), Code::no_input, "not a regular file");
  expect_error(sign(dir_ / "missing"), Code::no_input, "cannot open");
}

TEST_F(Rewrite, RefusesWhatIsNotWritable) {
  if (::geteuid() != 0) GTEST_SKIP() << "NEEDS ROOT: a file of somebody else";
  const auto as_nobody = [] {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(99);
  };
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0777), 0);
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  EXPECT_EQ(exit_status(sign_in_child(as_nobody)), 73);
  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0755), 0);
  EXPECT_EQ(exit_status(sign_in_child(as_nobody)), 73);
  expect_untouched();
}

TEST_F(Rewrite, RefusesWhileAnotherIsAtIt) {
  const auto first = ImageRewrite::open(path_);
  ASSERT_TRUE(first);
  expect_error(sign(path_), Code::cannot_write, "another process is working on");
}

TEST_F(Rewrite, SeesThatTheImageWasChangedMeanwhile) {
  for (const auto& change : std::vector<std::function<void()>>{
           [&] { test::write_file(path_, old_); },  // the same bytes, but who knows
           [&] { test::write_file(path_, old_ + "more"); },
           [&] {
             test::write_file(dir_ / "new", old_);
             std::filesystem::rename(dir_ / "new", path_);
           },
           [&] { std::filesystem::remove(path_); },
       }) {
    test::write_file(path_, old_);
    auto rewrite = ImageRewrite::open(path_);
    ASSERT_TRUE(rewrite);
    ASSERT_TRUE(rewrite->copy(nullptr));
    change();
    expect_error(rewrite->commit(), Code::cannot_write, "changed by somebody else");
  }
}

TEST_F(Rewrite, SeesThatTheImageBecameShorter) {
  auto rewrite = ImageRewrite::open(path_);
  ASSERT_TRUE(rewrite);
  std::filesystem::resize_file(path_, 5000);
  const Status copied = rewrite->copy(nullptr);
  if (copied) {  // shared blocks: the copy is of what there was
    expect_error(rewrite->commit(), Code::refused, "not sound");
  } else {
    expect_error(copied, Code::no_input, "became shorter");
  }
}

TEST_F(Rewrite, DoesNotPublishAnUnsoundImage) {
  auto rewrite = ImageRewrite::open(path_);
  ASSERT_TRUE(rewrite);
  ASSERT_TRUE(rewrite->copy(nullptr));
  ASSERT_EQ(::pwrite(rewrite->copied(), "XXXX", 4, 32), 4);
  expect_error(rewrite->commit(), Code::refused, "the changed image is not sound: not a SIF image");
  expect_untouched();
}

TEST_F(Rewrite, OfAFileThatIsTooLargeForALimitChangesNothing) {
  EXPECT_EQ(exit_status(sign_in_child([] {
              ::signal(SIGXFSZ, SIG_IGN);
              const struct rlimit small = {10000, 10000};
              if (::setrlimit(RLIMIT_FSIZE, &small) != 0) ::_exit(99);
            })),
            73);
  expect_untouched();
}

class Fault : public Rewrite, public testing::WithParamInterface<const char*> {};

TEST_P(Fault, ThatKillsLeavesTheOldImage) {
  for (const bool named : {false, true}) {
    const int status = sign_in_child([named] {
      if (named) without_tmpfile();
      with_system_call("ioctl", SCMP_ACT_ERRNO(EOPNOTSUPP));  // so that the content is copied
      with_system_call(GetParam(), SCMP_ACT_KILL_PROCESS);
    });
    if (exit_status(status) == 0 && named) continue;  // no call of linkat()
    ASSERT_TRUE(WIFSIGNALED(status)) << exit_status(status);
    EXPECT_EQ(WTERMSIG(status), SIGSYS);
    EXPECT_TRUE(bytes() == old_);
    // The next one is not disturbed by what a killed one may have left.
    EXPECT_LE(names().size(), named || std::string(GetParam()).starts_with("rename") ? 3U : 1U);
    ASSERT_TRUE(sign(path_));
    EXPECT_TRUE(is_signed());
    test::write_file(path_, old_);
  }
}

TEST_P(Fault, ThatFailsLeavesTheOldImageAndNoOther) {
  for (const unsigned error : {unsigned{ENOSPC}, unsigned{EDQUOT}, unsigned{EIO}}) {
    for (const bool named : {false, true}) {
      const int status = sign_in_child([named, error] {
        if (named) without_tmpfile();
        with_system_call("ioctl", SCMP_ACT_ERRNO(EOPNOTSUPP));
        with_system_call(GetParam(), SCMP_ACT_ERRNO(error));
      });
      if (exit_status(status) == 0) {
        EXPECT_TRUE(named && std::string(GetParam()) == "linkat");
        test::write_file(path_, old_);
        continue;
      }
      EXPECT_EQ(exit_status(status), 73);
      expect_untouched();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(At, Fault,
                         testing::Values("copy_file_range", "pwrite64", "ftruncate", "fchmod",
                                         "fsync", "linkat", "renameat"),
                         [](const auto& call) { return std::string(call.param); });

TEST_F(Rewrite, KilledWhileItCopiesLeavesTheOldImage) {
  const pid_t child = ::fork();
  if (child == 0) {
    static_cast<void>(sign(path_, [](std::uint64_t) { ::raise(SIGKILL); }));
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(bytes() == old_);
}

}  // namespace
}  // namespace sifguard::sif
