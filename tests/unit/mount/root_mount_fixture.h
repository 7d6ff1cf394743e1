// Mounted roots of real images, made by other tools: what is seen in them, and that nothing is
// left.
#include "helper/mount/root_mount.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "helper/mount/root_mount.h"
#include "tests/unit/mount/encrypted_images.h"
#include "tests/unit/release/granting.h"
#include "tests/unit/release/test_keys.h"

namespace sifguard::test {

namespace fs = std::filesystem;

inline constexpr uid_t kUser = 23456;
inline constexpr gid_t kGroup = 23457;
inline constexpr uid_t kServer = 64990;
inline const std::string kDigest(64, 'd');
inline constexpr const char* kRoot = "/run/root";
inline constexpr const char* kScratch = "/run/scratch";
inline constexpr const char* kSquashfuse = "/usr/bin/squashfuse_ll";

/// Runs `body` in a child with a mount namespace of its own and an empty /run; gives what it says
/// went wrong.
inline std::string in_namespace(const std::function<std::string()>& body) {
  auto said = make_pipe();
  const pid_t child = ::fork();
  if (child == 0) {
    ::umask(077);  // as the helper
    std::string wrong = "cannot make a namespace";
    if (::unshare(CLONE_NEWNS) == 0 &&
        ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        ::mount("run", "/run", "tmpfs", 0, "mode=0755") == 0 && ::mkdir(kRoot, 0755) == 0 &&
        ::mkdir(kScratch, 0700) == 0) {
      wrong = body();
    }
    (void)write_all(said->write_end.get(), wrong, "the test");
    ::_exit(0);
  }
  said->write_end.reset();
  const std::string wrong = read_to_end(said->read_end.get(), 1 << 20, "child").value();
  ::waitpid(child, nullptr, 0);
  return wrong;
}

inline bool becomes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 300; ++i) {
    if (condition()) return true;
    ::usleep(100'000);
  }
  return false;
}

inline int run_shell(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// One of before 0.2 cannot say whose the files are.
inline bool has_squashfuse() {
  return run_shell(std::string(kSquashfuse) + " --help 2>&1 | grep -q 'uid=N'") == 0;
}

inline bool become_user() {
  return ::setgroups(0, nullptr) == 0 && ::setgid(kGroup) == 0 && ::setuid(kUser) == 0;
}

/// What is wrong with the root at kRoot if its file of root's alone is to be the user's, who reads
/// `content` in it; this process is the user afterwards.
inline std::string why_not_the_users(const std::string& content) {
  struct stat st {};
  if (::stat("/run/root/etc/shadow", &st) != 0) return "no file";
  if (st.st_uid != kUser || st.st_gid != kGroup) return "another's";
  if (!become_user()) return "cannot become the user";
  return read_file("/run/root/etc/shadow") == content ? "" : "not readable";
}

/// What is wrong with the root at kRoot if nobody is to change it, or gain rights by it.
inline std::string why_not_inert() {
  struct statvfs st {};
  if (::statvfs(kRoot, &st) != 0) return "no mount";
  constexpr unsigned long kWanted = ST_RDONLY | ST_NOSUID | ST_NODEV;
  if ((st.f_flag & kWanted) != kWanted) return "flags";
  return ::open("/run/root/etc/1", O_WRONLY) < 0 && errno == EROFS ? "" : "writable";
}

class RootMountTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (EncryptedImages::missing().empty()) images_ = new EncryptedImages;
    (void)long_term_key();  // once, and not in each child
  }
  static void TearDownTestSuite() { delete images_; }
  void SetUp() override {
    const std::string missing = EncryptedImages::missing();
    if (!missing.empty()) GTEST_SKIP() << "SKIPPED: " << missing;
    ASSERT_EQ(images_->failure(), "");
  }
  /// No loop device over an image of ours, and no server.
  void TearDown() override {
    if (images_ == nullptr) return;
    const std::string ours = images_->directory().path().string();
    EXPECT_TRUE(becomes_true([&] { return devices_over(ours) == 0; }));
    EXPECT_TRUE(becomes_true([] { return server_ == 0 || ::kill(server_, 0) != 0; }));
  }
  static std::size_t devices_over(const std::string& path) {
    std::size_t count = 0;
    std::error_code ignored;
    for (const auto& device : fs::directory_iterator("/sys/block", ignored)) {
      // A stream would throw where the device goes meanwhile.
      const UniqueFd fd(
          ::open((device.path() / "loop/backing_file").c_str(), O_RDONLY | O_CLOEXEC));
      const std::string file = read_to_end(fd.get(), 65536, "a device").value_or("");
      if (file.starts_with(path)) ++count;
    }
    return count;
  }
  static const TempDir& directory() { return images_->directory(); }
  static RootMountOptions options() {
    RootMountOptions options;
    options.server.libexec_dir = SIFGUARD_BIN;
    options.server.identity = Identity{kServer, kServer, {}};
    if (by_squashfuse_) options.squashfuse = kSquashfuse;
    options.scratch = kScratch;
    options.uid = kUser;
    options.gid = kGroup;
    options.deadline_ms = monotonic_ms() + 120'000;
    return options;
  }
  /// As an image's CryptoMessage holds it.
  static VolumeKey password(const std::string& text = kImagePassword) {
    const auto& key = long_term_key();
    const std::string message = key.message(key.encrypt(text));
    return *release_volume_key(grant_of(*key.public_key().id()), key.stored(), message, kDigest);
  }
  /// As it rests beside a staged copy.
  static VolumeKey content_key(const SecretBytes& bytes) {
    const auto& key = long_term_key();
    const KeyGrant grant = grant_of(*key.public_key().id());
    const auto sealed = *seal_content_key(grant, key.stored(), bytes, kDigest);
    return *release_content_key(grant, key.stored(), sealed, kDigest);
  }
  /// "plain", "gocryptfs" or "luks".
  static Result<RootMount> mount(const std::string& kind, const ImagePartition& partition,
                                 const VolumeKey& key, const RootMountOptions& with) {
    if (kind == "plain") return mount_plain_root(admission_of(), partition, with);
    const SealedKind sealed = kind.starts_with("luks") ? SealedKind::luks : SealedKind::gocryptfs;
    return mount_encrypted_root(
        admission_of(), partition, sealed, [&]() -> Result<const VolumeKey*> { return &key; },
        with);
  }
  static Result<RootMount> mount(const std::string& kind, const VolumeKey& key = password()) {
    const auto opened = partition_of(directory(), kind);
    return mount(kind, opened.partition, key, options());
  }
  /// Mounted, placed, and the same files.
  static std::string looks_right(const std::string& kind) {
    const auto root = mount(kind);
    if (!root) return root.error().line();
    if (const auto placed = root->place(kRoot); !placed) return placed.error().line();
    const std::string diff = "diff -r --no-dereference '" + images_->tree() + "' " + kRoot + " >&2";
    return run_shell(diff) == 0 ? "" : "other files";
  }
  static std::string why_not(const std::string& kind, const VolumeKey& key = password()) {
    const auto root = mount(kind, key);
    return root ? "mounted"
                : std::to_string(root.error().exit_status()) + " " + root.error().line();
  }
  /// Of an encrypted image, with a key that is asked for once its server runs.
  static std::string why_not_by(const VolumeKeySource& key) {
    const auto opened = partition_of(directory(), "gocryptfs");
    const auto root = mount_encrypted_root(admission_of(), opened.partition, SealedKind::gocryptfs,
                                           key, options());
    return root ? "mounted" : root.error().line();
  }
  /// Everything, in one place: `command` in the images' directory makes the image `kind`.
  static void make(const std::string& command) {
    ASSERT_EQ(run(directory(), "set -e; umask 022; " + command), 0)
        << read_file(directory() / "log");
  }

  static inline EncryptedImages* images_ = nullptr;
  static inline bool by_squashfuse_ = false;
  static inline pid_t server_ = 0;  ///< that has to be gone at the end
};

}  // namespace sifguard::test
