// Collects the contents of a backup from a keystore. The owner of the keystore, in `sifctl`.
#include "keystore/backup/collect.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "keystore/backup/local_files.h"
#include "keystore/base/text.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxTotal = std::size_t{1} << 30U;  // bytes

class Collector {
 public:
  explicit Collector(Trust trust) : trust_(trust) {}

  /// All that is in a directory and below; `prefix` is its name in the archive, with a slash.
  Status take(const EntryParent& directory, const std::string& prefix) {
    SG_TRY(const auto names, list_entries(directory));
    for (const std::string& name : names) {
      if (prefix.empty() && is_left_out(name)) continue;
      const std::string shown = directory.shown + "/" + name;
      if (!is_archive_name(prefix + name)) {
        return fail(Code::config, printable(shown) + " has no place in the keystore",
                    "move it away");
      }
      struct stat st {};
      if (::fstatat(directory.fd.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail_errno(Code::config, "cannot look at " + shown, errno);
      }
      if (S_ISDIR(st.st_mode)) {
        SG_TRY(UniqueFd fd, open_trusted_directory_at(directory.fd.get(), name, shown, trust_));
        SG_CHECK(take({std::move(fd), shown}, prefix + name + "/"));
      } else {
        SG_CHECK(take_file(directory.fd.get(), name, shown, prefix + name));
      }
    }
    return {};
  }

  Archive archive;

 private:
  /// The store key travels by itself, however it is kept; an index is made again when it is wanted.
  static bool is_left_out(const std::string& name) {
    return (name.starts_with("store-") && name.ends_with(".key")) || name == "images.index" ||
           is_local_file(name);
  }

  Status take_file(int directory, const std::string& name, const std::string& shown,
                   const std::string& path) {
    if (name == kPlainPrivate) {
      return fail(Code::config, shown + " is not encrypted, as by an older sifguard",
                  "encrypt all keys of the keystore with sifctl reseal");
    }
    SG_TRY(const UniqueFd fd, open_trusted_at(directory, name, shown, trust_));
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return fail_errno(Code::config, shown, errno);
    const auto size = static_cast<std::size_t>(st.st_size);
    total_ += size;
    if (size > kMaxArchiveFile || total_ > kMaxTotal) {
      return fail(Code::config, shown + " is too large for a backup", "move it away");
    }
    const mode_t mode = (st.st_mode & 044U) == 044U ? mode_t{0644} : mode_t{0600};
    std::vector<std::byte> content(size);
    SG_CHECK(pread_exact(fd.get(), content, 0, shown));
    archive.files.push_back({path, mode, archive.hold(std::move(content))});
    return {};
  }

  Trust trust_;
  std::size_t total_ = 0;
};

}  // namespace

Result<Backup> collect_backup(const Keystore& keystore, std::int64_t now) {
  Backup backup;
  SG_TRY(backup.key, keystore.copy_store_key());
  SG_TRY(const EntryParent top, keystore.top());
  Collector collector(keystore.trust());
  SG_CHECK(collector.take(top, ""));
  backup.archive = std::move(collector.archive);
  backup.archive.created = now;
  backup.archive.sort();
  return backup;
}

}  // namespace sifguard
