// Opening an image as its owner: what is refused, what is reported, and who may see the opener.
#include "helper/stage/opened_image.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <thread>

#include "tests/unit/stage/hanging_filesystem.h"
#include "tests/unit/stage/staging.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::Stage;

TEST(FileIdentity, IsSettledSecondsAfterTheLastChange) {
  const std::int64_t now = std::int64_t{::time(nullptr)} * 1000000000;
  FileIdentity identity;
  identity.changed_ns = now - 5000000000;
  EXPECT_TRUE(is_settled(identity));
  for (const std::int64_t later : {-1000000000LL, 0LL, 1LL, 86400000000000LL}) {
    identity.changed_ns = now + later;  // a clock may have been set back
    EXPECT_FALSE(is_settled(identity)) << later;
  }
}

class OpenerAsRoot : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  void expect_refused(const std::string& image, Code code, const std::string& part,
                      const std::string& cwd = "/") const {
    const auto opened = stage_.open(image, cwd);
    ASSERT_FALSE(opened) << image;
    EXPECT_EQ(opened.error().code(), code) << opened.error().line();
    EXPECT_NE(opened.error().line().find(part), std::string::npos) << opened.error().line();
  }

  Stage stage_;
};

TEST_F(OpenerAsRoot, ReportsTheFileAsTheKernelKnowsIt) {
  const std::string path = stage_.file("image.sif", "some bytes");
  const auto opened = stage_.open(path);
  ASSERT_TRUE(opened) << opened.error().line();
  EXPECT_EQ(opened->canonical_path(), fs::canonical(path).string());
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  const FileIdentity& identity = opened->identity();
  EXPECT_EQ(identity.inode, st.st_ino);
  EXPECT_EQ(identity.size, 10U);
  EXPECT_EQ(identity.modified_ns, st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
  EXPECT_EQ(identity.changed_ns, st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec);
  EXPECT_NE(identity.filesystem, 0U);
}

TEST_F(OpenerAsRoot, StreamsTheBytesWhenAsked) {
  auto opened = stage_.open(stage_.file("image.sif", "some bytes"));
  ASSERT_TRUE(opened);
  ASSERT_TRUE(opened->start_stream());
  const auto text = read_to_end(opened->data_fd(), 100, "stream");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "some bytes");
  EXPECT_TRUE(opened->finish());
}

TEST_F(OpenerAsRoot, StreamsNothingUnasked) {
  const auto opened = stage_.open(stage_.file("image.sif", "some bytes"));
  ASSERT_TRUE(opened);
  ::fcntl(opened->data_fd(), F_SETFL, O_NONBLOCK);
  ::usleep(50000);
  char byte = 0;
  EXPECT_EQ(::read(opened->data_fd(), &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(OpenerAsRoot, ChangesOfTheFileChangeItsIdentity) {
  const std::string path = stage_.file("image.sif", "some bytes");
  const auto before = stage_.open(path);
  ::usleep(20000);
  test::write_file(path, "same size!");
  const struct timespec times[2] = {
      {before->identity().modified_ns / 1000000000, before->identity().modified_ns % 1000000000},
      {before->identity().modified_ns / 1000000000, before->identity().modified_ns % 1000000000}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  const auto after = stage_.open(path);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->identity().modified_ns, after->identity().modified_ns);
  EXPECT_NE(before->identity().changed_ns, after->identity().changed_ns);
}

TEST_F(OpenerAsRoot, AFilesystemMountedAnewHasAnotherId) {
  std::vector<std::uint64_t> ids;
  for (int i = 0; i < 2; ++i) {
    const std::string where = stage_.directory("mounted" + std::to_string(i));
    ASSERT_EQ(::mount("test", where.c_str(), "tmpfs", 0, "mode=0755"), 0);
    stage_.file("mounted" + std::to_string(i) + "/image.sif", "bytes");
    const auto opened = stage_.open(where + "/image.sif");
    ::umount2(where.c_str(), MNT_DETACH);
    ASSERT_TRUE(opened);
    ids.push_back(opened->identity().filesystem_id);
  }
  EXPECT_NE(ids[0], 0U);
  EXPECT_NE(ids[0], ids[1]);
}

TEST_F(OpenerAsRoot, MissingFilesAreNoInput) {
  expect_refused(stage_ / "absent.sif", Code::no_input, "absent.sif");
  expect_refused(stage_ / "absent/image.sif", Code::no_input, "No such file");
  expect_refused("", Code::no_input, "not a usable path");
  expect_refused(std::string(4096, 'x'), Code::no_input, "not a usable path");
  expect_refused("/" + std::string(4094, 'x'), Code::no_input, "too long");
  expect_refused(std::string("/tmp/a\0b", 8), Code::no_input, "not a usable path");
}

TEST_F(OpenerAsRoot, WhatItsOwnerMayNotReadIsRefused) {
  const std::string secret = stage_ / "roots.sif";
  test::write_file(secret, "root's own");
  ::chmod(secret.c_str(), 0600);
  expect_refused(secret, Code::no_input, "its owner must let you read it");
  stage_.file("writable.sif", "bytes", 0200);
  expect_refused(stage_ / "writable.sif", Code::no_input, "Permission denied");
  stage_.directory("closed", 0700);
  test::write_file(stage_ / "closed/image.sif", "bytes");
  ::chmod((stage_ / "closed/image.sif").c_str(), 0644);
  expect_refused(stage_ / "closed/image.sif", Code::no_input, "Permission denied");
}

TEST_F(OpenerAsRoot, GroupsAreThoseGivenAndNoOthers) {
  const std::string path = stage_ / "groups.sif";
  test::write_file(path, "bytes");
  ASSERT_EQ(::chown(path.c_str(), 0, 4321), 0);
  ::chmod(path.c_str(), 0640);
  expect_refused(path, Code::no_input, "Permission denied");
  OpenOptions options;
  options.libexec_dir = stage_ / "libexec";
  options.owner = Identity{test::kUser, test::kGroup, {4321}};
  options.deadline_ms = monotonic_ms() + 20000;
  EXPECT_TRUE(open_image(path, "/", options));
}

TEST_F(OpenerAsRoot, WhatIsNoRegularFileIsRefusedAtOnce) {
  const std::int64_t start = monotonic_ms();
  ASSERT_EQ(::mkfifo((stage_ / "fifo").c_str(), 0666), 0);
  ::chmod((stage_ / "fifo").c_str(), 0666);
  expect_refused(stage_ / "fifo", Code::no_input, "a FIFO");
  expect_refused(stage_.path(), Code::no_input, "a directory");
  expect_refused("/dev/zero", Code::no_input, "a device");
  expect_refused("/dev/full", Code::no_input, "a device");
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  (stage_ / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof address), 0);
  ::chmod((stage_ / "socket").c_str(), 0666);
  expect_refused(stage_ / "socket", Code::no_input, "cannot open");
  EXPECT_LT(monotonic_ms() - start, 10000);
}

TEST_F(OpenerAsRoot, PseudoFilesystemsAndMagicLinksAreRefused) {
  expect_refused("/proc/self/cmdline", Code::no_input, "pseudo-filesystem");
  expect_refused("/proc/version", Code::no_input, "pseudo-filesystem");
  expect_refused("/proc/self/exe", Code::no_input, "cannot open");
  expect_refused("/proc/self/fd/0", Code::no_input, "cannot open");
  expect_refused("/proc/self/root/etc/passwd", Code::no_input, "cannot open");
  expect_refused("/proc/self/cwd/etc/passwd", Code::no_input, "cannot open");
  expect_refused("/dev/fd/3", Code::no_input, "cannot open");
  fs::create_symlink("/proc/self/fd/0", stage_ / "link-to-fd");
  expect_refused(stage_ / "link-to-fd", Code::no_input, "cannot open");
  if (fs::exists("/sys/kernel/mm")) {
    expect_refused("/sys/kernel/mm/transparent_hugepage/enabled", Code::no_input, "pseudo");
  }
}

TEST_F(OpenerAsRoot, AnEmptyFileIsRefused) {
  stage_.file("empty.sif", "");
  expect_refused(stage_ / "empty.sif", Code::no_input, "is empty");
}

TEST_F(OpenerAsRoot, SymbolicLinksAreFollowedToTheRealName) {
  const std::string path = stage_.file("image.sif", "bytes");
  fs::create_symlink("image.sif", stage_ / "link.sif");
  fs::create_directory_symlink(stage_.path(), stage_ / "up");
  const auto opened = stage_.open(stage_ / "up/up/link.sif");
  ASSERT_TRUE(opened) << opened.error().line();
  EXPECT_EQ(opened->canonical_path(), fs::canonical(path).string());
  fs::create_symlink("loop", stage_ / "loop");
  expect_refused(stage_ / "loop", Code::no_input, "symbolic links");
}

TEST_F(OpenerAsRoot, RelativePathsStartAtTheJobsDirectory) {
  stage_.directory("work");
  const std::string path = stage_.file("work/image.sif", "bytes");
  const auto opened = stage_.open("../work/./image.sif", stage_ / "work");
  ASSERT_TRUE(opened) << opened.error().line();
  EXPECT_EQ(opened->canonical_path(), fs::canonical(path).string());
  expect_refused("image.sif", Code::no_input, "absolute path", stage_ / "absent");
  expect_refused("image.sif", Code::no_input, "cannot open", stage_.path());
  stage_.directory("closed", 0700);
  expect_refused("image.sif", Code::no_input, "absolute path", stage_ / "closed");
  // An absolute one does not need the directory.
  EXPECT_TRUE(stage_.open(path, stage_ / "absent"));
}

TEST_F(OpenerAsRoot, OddNamesAreOpenedAndShownSafely) {
  const std::string odd = " a\n\x1b[31m$(id)\xff;'\".sif";
  const std::string path = stage_.file(odd, "bytes");
  const auto opened = stage_.open(path);
  ASSERT_TRUE(opened) << opened.error().line();
  EXPECT_EQ(opened->canonical_path(), fs::canonical(path).string());
  const auto refused = stage_.open(stage_ / ("absent" + odd));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what().find('\n'), std::string::npos);
  EXPECT_EQ(refused.error().what().find('\x1b'), std::string::npos);
}

TEST_F(OpenerAsRoot, AFileThatIsGoneMeanwhileStillStreamsButOneWithoutAPathIsRefused) {
  const std::string path = stage_.file("image.sif", "bytes");
  auto opened = stage_.open(path);
  ASSERT_TRUE(opened);
  fs::remove(path);
  ASSERT_TRUE(opened->start_stream());
  EXPECT_EQ(*read_to_end(opened->data_fd(), 100, "stream"), "bytes");
  // Held open under /proc it has no path, and that way is closed.
  const UniqueFd held(::open(stage_.file("held.sif", "bytes").c_str(), O_RDONLY | O_CLOEXEC));
  fs::remove(stage_ / "held.sif");
  expect_refused("/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(held.get()),
                 Code::no_input, "cannot open");
}

TEST_F(OpenerAsRoot, AFileBelowADirectoryMovedOutOfReachHasNoPath) {
  // The user's directory is a bind whose source is moved out of the bound tree.
  stage_.directory("tree");
  stage_.directory("tree/inner");
  stage_.file("tree/inner/image.sif", "bytes");
  const std::string bound = stage_.directory("bound");
  ASSERT_EQ(::mount((stage_ / "tree").c_str(), bound.c_str(), nullptr, MS_BIND, nullptr), 0);
  const UniqueFd inside(::open((bound + "/inner").c_str(), O_PATH | O_CLOEXEC));
  ASSERT_EQ(::chdir(bound.c_str()), 0);
  fs::rename(stage_ / "tree/inner", stage_ / "moved");
  const auto opened = stage_.open(bound + "/inner/image.sif");
  EXPECT_FALSE(opened);
  ASSERT_EQ(::chdir("/"), 0);
  ::umount2(bound.c_str(), MNT_DETACH);
}

TEST_F(OpenerAsRoot, AnOpenerThatCanBeTracedIsNotBelieved) {
  const Stage traceable(0755);
  const auto opened = traceable.open(traceable.file("image.sif", "bytes"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Code::config);
  EXPECT_NE(opened.error().line().find("chmod 0711"), std::string::npos);
}

TEST_F(OpenerAsRoot, AMissingOpenerIsUnavailable) {
  fs::remove(stage_ / "libexec/sifguard-opener");
  expect_refused(stage_.file("image.sif", "bytes"), Code::unavailable, "sifguard-opener");
}

/// Does something as the user, in a process of its own; its exit status.
template <typename Function>
int as_user(const Function& function) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgroups(0, nullptr) != 0 ||
        ::setresgid(test::kGroup, test::kGroup, test::kGroup) != 0 ||
        ::setresuid(test::kUser, test::kUser, test::kUser) != 0) {
      ::_exit(99);
    }
    ::_exit(function());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

TEST_F(OpenerAsRoot, CannotBeLookedIntoByItsOwnUser) {
  const auto opened = stage_.open(stage_.file("image.sif", "bytes"));
  ASSERT_TRUE(opened);
  const pid_t opener = test::running_opener();
  ASSERT_GT(opener, 0);
  const std::string proc = "/proc/" + std::to_string(opener);
  EXPECT_EQ(as_user([&] { return ::open((proc + "/mem").c_str(), O_RDWR) >= 0 ? 1 : 0; }), 0);
  EXPECT_EQ(as_user([&] { return ::open((proc + "/environ").c_str(), O_RDONLY) >= 0 ? 1 : 0; }), 0);
  EXPECT_EQ(as_user([&] {
              std::error_code error;
              fs::directory_iterator fds(proc + "/fd", error);
              return error ? 0 : 1;
            }),
            0);
}

TEST_F(OpenerAsRoot, IsKilledByItsUserWithoutHarmToUs) {
  auto opened = stage_.open(stage_.file("image.sif", "bytes"));
  ASSERT_TRUE(opened);
  const pid_t opener = test::running_opener();
  ASSERT_EQ(as_user([&] { return ::kill(opener, SIGKILL); }), 0);
  ::usleep(50000);
  // Neither SIGPIPE nor success.
  if (const auto started = opened->start_stream()) {
    EXPECT_EQ(*read_to_end(opened->data_fd(), 100, "stream"), "");
    const auto finished = opened->finish();
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().code(), Code::no_input);
  } else {
    EXPECT_EQ(started.error().code(), Code::temporary);
  }
}

TEST_F(OpenerAsRoot, IsEndedWithItsOpenedImage) {
  pid_t opener = -1;
  {
    const auto opened = stage_.open(stage_.file("image.sif", "bytes"));
    ASSERT_TRUE(opened);
    opener = test::running_opener();
    ASSERT_EQ(::kill(opener, 0), 0);
  }
  EXPECT_EQ(::kill(opener, 0), -1);
}

TEST_F(OpenerAsRoot, AFilesystemThatNeverAnswersIsGivenUpAtTheDeadline) {
  const std::string where = stage_.directory("hanging");
  test::HangingFilesystem hanging(where);
  if (!hanging.mounted()) GTEST_SKIP() << "SKIPPED: no FUSE here";
  const std::int64_t start = monotonic_ms();
  const auto opened = stage_.open(where + "/image.sif", "/", 500);
  const std::int64_t took = monotonic_ms() - start;
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Code::temporary) << opened.error().line();
  EXPECT_TRUE(hanging.asked());
  EXPECT_LT(took, 9000);  // though its process cannot even be killed
}

}  // namespace
}  // namespace sifguard
