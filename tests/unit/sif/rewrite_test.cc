// Replacing an image: the changed copy takes its place, and nobody else has touched it before.
#include "helper/sif/rewrite.h"

#include <grp.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <csignal>

#include "tests/unit/sif/rewrite_fixture.h"

namespace sifguard::sif {
namespace {

using testing::ElementsAre;

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
  auto first = ImageRewrite::open(path_);
  ASSERT_TRUE(first);
  expect_error(sign(path_), Code::temporary, "another process is working on");
  ASSERT_TRUE(first->copy(nullptr));
  ASSERT_TRUE(first->commit());
  // The new file is the same one's until it has done everything.
  expect_error(sign(path_), Code::temporary, "another process is working on");
}

TEST_F(Rewrite, WorksWhereNamesAreNotExchanged) {
  EXPECT_EQ(exit_status(sign_in_child(without_exchange)), 0);
  EXPECT_TRUE(is_signed());
  EXPECT_THAT(names(), ElementsAre("image.sif"));
}

/// Whoever else could open it would write into what is checked and signed.
TEST_F(Rewrite, IsOpenToNobodyElseBeforeItsLastRead) {
  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);
  if (::geteuid() == 0) ASSERT_EQ(::chown(path_.c_str(), 1234, 4321), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    without_tmpfile();
    auto rewrite = ImageRewrite::open(path_);
    if (!rewrite || !rewrite->copy(nullptr) || names().size() != 2) ::_exit(1);
    struct stat st {};
    if (::fstat(rewrite->copied(), &st) != 0) ::_exit(2);
    if ((st.st_mode & 07777U) != 0600 || st.st_uid != ::geteuid()) ::_exit(3);
    if (!rewrite->commit() || ::stat(path_.c_str(), &st) != 0) ::_exit(4);
    ::_exit((st.st_mode & 07777U) == 0666 && (::geteuid() != 0 || st.st_uid == 1234) ? 0 : 5);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(exit_status(status), 0);
}

/// As vfat, exfat, FUSE and SMB may be mounted: what we make there is somebody else's.
TEST_F(Rewrite, MakesNoCopyIntoWhichOthersCouldWrite) {
  const auto as_another = [] {
    without_tmpfile();
    with_system_call("geteuid", SCMP_ACT_ERRNO(1));
  };
  EXPECT_EQ(exit_status(sign_in_child(as_another)), static_cast<int>(Code::cannot_write));
  expect_untouched();
}

TEST_F(Rewrite, WorksWhereNoModesAreKept) {
  EXPECT_EQ(exit_status(sign_in_child([] {
              without_tmpfile();
              with_system_call("fchmod", SCMP_ACT_ERRNO(ENOSYS));
            })),
            0);
  EXPECT_TRUE(is_signed());
}

TEST_F(Rewrite, CountsTheOtherNamesOfTheImage) {
  {
    const auto alone = ImageRewrite::open(path_);
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->other_names(), 0U);
  }
  std::filesystem::create_hard_link(path_, dir_ / "other.sif");
  const auto rewrite = ImageRewrite::open(path_);
  ASSERT_TRUE(rewrite);
  EXPECT_EQ(rewrite->other_names(), 1U);
}

TEST_F(Rewrite, RemovesWhatAKilledOneLeft) {
  const std::string left = dir_ / ".image.sif.0123456789abcdef.tmp";
  const std::string of_another_image = dir_ / ".other.sif.0123456789abcdef.tmp";
  const std::string worked_on = dir_ / ".image.sif.0000000000000001.tmp";
  const std::string link = dir_ / ".image.sif.0000000000000002.tmp";
  const std::string anothers = dir_ / ".image.sif.0000000000000003.tmp";
  for (const auto& path : {left, of_another_image, worked_on}) test::write_file(path, "x");
  ASSERT_EQ(::symlink("image.sif", link.c_str()), 0);
  const bool root = ::geteuid() == 0;
  if (root) {
    test::write_file(anothers, "x");
    ASSERT_EQ(::chown(anothers.c_str(), 1234, 1234), 0);
  }
  const UniqueFd worker(::open(worked_on.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(worker.get(), LOCK_EX), 0);
  ASSERT_TRUE(sign(path_));
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(std::filesystem::exists(of_another_image));
  EXPECT_TRUE(std::filesystem::exists(worked_on));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(std::filesystem::exists(anothers), root);
}

TEST_F(Rewrite, RemovesWhatRootLeftOfAnothersImage) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string left = dir_ / ".image.sif.0123456789abcdef.tmp";
  test::write_file(left, "x");
  for (const std::string& path : {left, path_}) ASSERT_EQ(::chown(path.c_str(), 1234, 1234), 0);
  ASSERT_TRUE(sign(path_));
  EXPECT_THAT(names(), testing::ElementsAre("image.sif"));
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

}  // namespace
}  // namespace sifguard::sif
