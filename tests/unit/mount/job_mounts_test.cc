// The task's private mounts, made in a mount namespace of a forked child. Most of it needs root.
#include "helper/mount/job_mounts.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "sifguard/paths.h"
#include "tests/unit/release/granting.h"
#include "tests/unit/release/test_keys.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::TempDir;

constexpr uid_t kUser = 65534;
constexpr gid_t kGroup = 65533;
constexpr const char* kVolumeKey = "0123456789abcdef";

#define REQUIRE_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root"

/// A key that rekey() released. To be made where it is used: secrets do not survive a fork.
ReleasedKey released_key() {
  const auto& key = test::long_term_key();
  static const std::string message = key.message(key.encrypt(kVolumeKey));
  PrivateCopy copy;
  copy.fd = UniqueFd(::memfd_create("image", MFD_CLOEXEC));
  EXPECT_TRUE(write_all(copy.fd.get(), message, "image"));
  copy.size = message.size();
  auto rekeyed = rekey(test::grant_of(*key.public_key().id()), key.stored(), copy,
                       {0, message.size()}, std::string(64, 'd'));
  EXPECT_TRUE(rekeyed);
  return std::move(rekeyed->key);
}

/// Runs `body` in a child with its own mount namespace, in which /run is an empty tmpfs of its own,
/// so that nothing of the machine is touched. `body` returns what went wrong, or nothing.
void in_namespace(unsigned long propagation, const std::function<std::string()>& body) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::umask(077);  // as the helper
    std::string wrong;
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("run", "/run", "tmpfs", 0, "mode=0755") != 0 ||
        ::mount("", "/run", nullptr, propagation, nullptr) != 0) {
      wrong = "cannot make a namespace";
    } else {
      wrong = body();
    }
    const ssize_t ignored = ::write(ends[1], wrong.data(), wrong.size());
    (void)ignored;
    ::_exit(0);
  }
  ::close(ends[1]);
  const auto wrong = read_to_end(ends[0], 65536, "child");
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  ASSERT_TRUE(wrong);
  EXPECT_EQ(*wrong, "");
}

LaunchPlan plan() {
  return {"/usr/bin/apptainer", {"exec", "/image"}, {"A=b"}};
}

Status mount_all(const JobMounts& mounts, const ReleasedKey& key) {
  SG_TRY(const JobDirectory directory, JobDirectory::make());
  return mount_job(directory, mounts, plan(), test::admission_of(), key);
}

class JobMountsAsRoot : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    (void)test::long_term_key();  // before the forks, for all of them
    test::write_file(image_, "the image");
    ::chmod(image_.c_str(), 0444);
    ::chmod(directory_.path().c_str(), 0700);
  }
  [[nodiscard]] JobMounts mounts(const std::string& name) const {
    return {image_, mounted_image_path("/apps/" + name), kUser, kGroup};
  }
  TempDir directory_;
  const std::string image_ = directory_ / "image.sif";
};

std::string mode_of(const std::string& path, mode_t mode, uid_t uid, gid_t gid) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) return path + " is missing; ";
  if ((st.st_mode & 07777U) != mode) return path + " has mode " + std::to_string(st.st_mode) + "; ";
  if (st.st_uid != uid || st.st_gid != gid) return path + " has another owner; ";
  return {};
}

/// Becomes the job's owner; the process ends soon after.
bool become_user() {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(kGroup, kGroup, kGroup) == 0 &&
         ::setresuid(kUser, kUser, kUser) == 0;
}

TEST_F(JobMountsAsRoot, HasTheModesAndOwnersOfItsHeader) {
  in_namespace(MS_PRIVATE, [&] {
    const ReleasedKey key = released_key();
    const auto mounted = mount_all(mounts("lolcow.sif"), key);
    if (!mounted) return mounted.error().line();
    std::string wrong = mode_of(kJobDirectory, 0755, 0, 0) + mode_of(kPlanPath, 0444, 0, 0) +
                        mode_of(kPemPath, 0400, kUser, kGroup) +
                        mode_of("/run/sifguard", 0755, 0, 0) +
                        mode_of(std::string(kJobDirectory) + "/image", 0755, 0, 0) +
                        mode_of(std::string(kJobDirectory) + "/image/lolcow.sif", 0444, 0, 0);
    const auto text = parse_plan(test::read_file(kPlanPath));
    if (!text || text->args != plan().args) wrong += "another plan; ";
    const std::string pem = test::read_file(kPemPath);
    if (pem != test::text_of(*key.pem()) || !pem.starts_with("-----BEGIN RSA PRIVATE KEY")) {
      wrong += "another key; ";
    }
    return wrong;
  });
}

TEST_F(JobMountsAsRoot, CannotBeWrittenEvenByRootAndRunsNothing) {
  in_namespace(MS_PRIVATE, [&]() -> std::string {
    if (!mount_all(mounts("lolcow.sif"), released_key())) return "cannot mount";
    std::string wrong;
    struct statvfs directory {};
    struct statvfs image {};
    const std::string path = std::string(kJobDirectory) + "/image/lolcow.sif";
    if (::statvfs(kJobDirectory, &directory) != 0 || ::statvfs(path.c_str(), &image) != 0) {
      return "statvfs";
    }
    constexpr unsigned long kAll = ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC;
    if ((directory.f_flag & kAll) != kAll) wrong += "directory's flags; ";
    constexpr unsigned long kImage = ST_RDONLY | ST_NOSUID | ST_NODEV;
    if ((image.f_flag & kImage) != kImage) wrong += "image's flags; ";
    if (::open((std::string(kJobDirectory) + "/new").c_str(), O_CREAT | O_WRONLY, 0600) >= 0 ||
        errno != EROFS) {
      wrong += "the directory is writable; ";
    }
    if (::open(path.c_str(), O_WRONLY) >= 0 || errno != EROFS) wrong += "the image is writable; ";
    if (::unlink(kPemPath) == 0) wrong += "the key can be removed; ";
    struct statfs filesystem {};
    ::statfs(kJobDirectory, &filesystem);
    if (filesystem.f_type != 0x01021994 && filesystem.f_type != 0x858458f6) {
      wrong += "neither tmpfs nor ramfs; ";
    }
    return wrong;
  });
}

TEST_F(JobMountsAsRoot, MemoryDoesNotSwap) {
  in_namespace(MS_PRIVATE, [&]() -> std::string {
    if (!mount_all(mounts("lolcow.sif"), released_key())) return "cannot mount";
    const std::string text = test::read_file("/proc/self/mountinfo");
    const std::size_t line = text.find(std::string(" ") + kJobDirectory + " ");
    if (line == std::string::npos) return "not mounted";
    const std::string rest = text.substr(line, text.find('\n', line) - line);
    const bool good =
        rest.find("noswap") != std::string::npos || rest.find("- ramfs ") != std::string::npos;
    return good ? "" : rest;
  });
}

TEST_F(JobMountsAsRoot, TheOwnerReadsKeyPlanAndImageAndOthersNoKey) {
  in_namespace(MS_PRIVATE, [&]() -> std::string {
    if (!mount_all(mounts("lolcow.sif"), released_key())) return "cannot mount";
    if (!become_user()) return "cannot become the user";
    std::string wrong;
    if (!test::read_file(kPemPath).starts_with("-----BEGIN RSA")) wrong += "no key; ";
    if (test::read_file(kPlanPath).empty()) wrong += "no plan; ";
    if (test::read_file(std::string(kJobDirectory) + "/image/lolcow.sif") != "the image") {
      wrong += "no image; ";  // though the cache itself is closed to them
    }
    return wrong;
  });
  in_namespace(MS_PRIVATE, [&]() -> std::string {
    JobMounts others = mounts("lolcow.sif");
    others.uid = 12345;
    if (!mount_all(others, released_key())) return "cannot mount";
    if (!become_user()) return "cannot become the user";
    return ::open(kPemPath, O_RDONLY) < 0 ? "" : "another's key can be read";
  });
}

TEST_F(JobMountsAsRoot, WithoutAKeyThereIsNoKeyFileAndNoTurn) {
  in_namespace(MS_PRIVATE, [&]() -> std::string {
    const ReleasedKey nothing = release_nothing(test::admission_of());
    JobMounts turns = mounts("lolcow.sif");
    turns.turns = 2;
    const auto mounted = mount_all(turns, nothing);
    if (!mounted) return mounted.error().line();
    if (fs::exists(kTurnsDirectory)) return "there are turns";
    return fs::exists(kPemPath) ? "there is a key" : "";
  });
}

TEST_F(JobMountsAsRoot, AFileForEachTurnWhichTheOwnerCanLock) {
  for (const unsigned count : {0U, 2U, 100'000U}) {
    in_namespace(MS_PRIVATE, [&]() -> std::string {
      JobMounts turns = mounts("lolcow.sif");
      turns.turns = count;
      const auto mounted = mount_all(turns, released_key());
      if (!mounted) return mounted.error().line();
      unsigned seen = 0;
      while (fs::exists(std::string(kTurnsDirectory) + "/" + std::to_string(seen))) ++seen;
      if (seen != std::min(count, 256U)) return "there are " + std::to_string(seen) + " turns";
      if (count == 0) return fs::exists(kTurnsDirectory) ? "a directory" : "";
      const std::string first = std::string(kTurnsDirectory) + "/0";
      if (auto wrong = mode_of(first, 0444, 0, 0); !wrong.empty()) return wrong;
      if (!become_user()) return "cannot become the user";
      const int fd = ::open(first.c_str(), O_RDONLY);
      return fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0 ? "" : "cannot be locked";
    });
  }
}

TEST_F(JobMountsAsRoot, ImagesNamedLikeOurFilesDoNotGetInTheirWay) {
  for (const char* name : {"plan", "key.pem", "image"}) {
    in_namespace(MS_PRIVATE, [&]() -> std::string {
      const auto mounted = mount_all(mounts(name), released_key());
      if (!mounted) return mounted.error().line();
      std::string wrong;
      if (!parse_plan(test::read_file(kPlanPath))) wrong += "no plan; ";
      if (!test::read_file(kPemPath).starts_with("-----BEGIN RSA")) wrong += "no key; ";
      if (test::read_file(mounted_image_path(std::string("/x/") + name)) != "the image") {
        wrong += "no image; ";
      }
      return wrong;
    });
  }
}

TEST_F(JobMountsAsRoot, NothingIsSeenOutside) {
  in_namespace(MS_PRIVATE, [&]() -> std::string {
    return mount_all(mounts("lolcow.sif"), released_key()) ? "" : "cannot mount";
  });
  const std::string text = test::read_file("/proc/self/mountinfo");
  EXPECT_EQ(text.find(directory_.path()), std::string::npos);
}

TEST_F(JobMountsAsRoot, ANamespaceThatSharesItsMountsGetsNoKey) {
  in_namespace(MS_SHARED, [&]() -> std::string {
    const auto mounted = mount_all(mounts("lolcow.sif"), released_key());
    if (mounted) return "mounted";
    if (mounted.error().code() != Code::internal) return mounted.error().line();
    if (fs::exists(kPemPath)) return "there is a key";
    const std::string text = test::read_file("/proc/self/mountinfo");
    return text.find(kJobDirectory) == std::string::npos ? "" : "a mount is left";
  });
}

TEST_F(JobMountsAsRoot, ASlaveOfSharedMountsIsPrivateEnough) {
  in_namespace(MS_SHARED, [&]() -> std::string {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
      return "cannot make a namespace";
    }
    const auto mounted = mount_all(mounts("lolcow.sif"), released_key());
    return mounted ? "" : mounted.error().line();
  });
}

TEST_F(JobMountsAsRoot, AnUntrustedRunDirectoryIsRefused) {
  const auto expect_config = [&](const std::function<void()>& spoil) {
    in_namespace(MS_PRIVATE, [&]() -> std::string {
      spoil();
      const auto mounted = mount_all(mounts("lolcow.sif"), released_key());
      if (mounted) return "mounted";
      return mounted.error().code() == Code::config ? "" : mounted.error().line();
    });
  };
  expect_config([] {
    fs::create_directory(SIFGUARD_RUN_DIR);
    ::chmod(SIFGUARD_RUN_DIR, 0777);
  });
  expect_config([] {
    fs::create_directory(SIFGUARD_RUN_DIR);
    if (::chown(SIFGUARD_RUN_DIR, kUser, kGroup) != 0) ::_exit(1);
  });
  expect_config([] { fs::create_directory_symlink("/tmp", SIFGUARD_RUN_DIR); });
  expect_config([] {
    fs::create_directory(SIFGUARD_RUN_DIR);
    ::chmod(SIFGUARD_RUN_DIR, 0755);
    fs::create_directory_symlink("/tmp", kJobDirectory);
  });
  expect_config([] { std::ofstream(SIFGUARD_RUN_DIR) << "a file"; });
}

TEST_F(JobMountsAsRoot, AMissingImageIsAnError) {
  fs::remove(image_);
  in_namespace(MS_PRIVATE, [&]() -> std::string {
    const auto mounted = mount_all(mounts("lolcow.sif"), released_key());
    if (mounted) return "mounted";
    return mounted.error().what().find("bind") != std::string::npos ? "" : mounted.error().line();
  });
}

TEST(MountedImagePath, IsTheFilesOwnName) {
  EXPECT_EQ(mounted_image_path("/apps/secure/lolcow.sif"), "/run/sifguard/job/image/lolcow.sif");
  EXPECT_EQ(mounted_image_path("/apps/key.pem"), "/run/sifguard/job/image/key.pem");
}

TEST(MountedImagePath, OddNamesBecomePlain) {
  const std::string plain = "/run/sifguard/job/image/image.sif";
  for (const char* path : {"/apps/with space.sif", "/apps/new\nline", "/apps/a:b", "/apps/a,b",
                           "/apps/..", "/apps/.", "/apps/", "/apps/.hidden", "/apps/-option",
                           "/apps/$(id)", "/apps/\xff", "/apps/ü.sif", ""}) {
    EXPECT_EQ(mounted_image_path(path), plain) << path;
  }
  EXPECT_EQ(mounted_image_path("/apps/" + std::string(65, 'a')), plain);
}

TEST(IsPrivateNamespace, OnlyInAnotherNamespaceThanTheGivenProcess) {
  EXPECT_FALSE(is_private_namespace(::getpid()));
  EXPECT_FALSE(is_private_namespace(0));
  EXPECT_FALSE(is_private_namespace(-1));
  EXPECT_FALSE(is_private_namespace(2147483647));
}

TEST_F(JobMountsAsRoot, ANamespaceOfItsOwnIsRecognized) {
  const pid_t outside = ::getpid();
  in_namespace(MS_PRIVATE, [&]() -> std::string {
    if (!is_private_namespace(outside)) return "not recognized";
    return is_private_namespace(::getpid()) ? "taken for its own" : "";
  });
}

}  // namespace
}  // namespace sifguard
