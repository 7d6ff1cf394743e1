// A keystore made from a backup, in place of nothing or of another keystore. The owner of the
// keystore, in `sifctl`.
#include "keystore/backup/restore.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/backup/local_files.h"
#include "keystore/backup/unpack.h"
#include "keystore/bundle/serial.h"
#include "keystore/store/store_files.h"
#include "keystore/store/store_keys.h"

namespace sifguard {
namespace {

constexpr int kLockTimeoutMs = 10'000;
constexpr const char* kHidden = ".sifguard-restore-";

/// The directory above the keystore, and the keystore's name in it.
struct Place {
  EntryParent parent;
  std::string name;
  [[nodiscard]] std::string path_of(const std::string& inner) const {
    return (parent.shown == "/" ? "" : parent.shown) + "/" + inner;
  }
};

Result<Place> locate(const RestorePlan& plan) {
  const std::string& path = plan.directory;
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? std::string() : path.substr(slash + 1);
  if (path.empty() || path.front() != '/' || name.empty() || name == "." || name == "..") {
    return fail(Code::usage, "not a usable keystore directory: '" + path + "'",
                "give an absolute path");
  }
  const std::string above = slash == 0 ? "/" : path.substr(0, slash);
  auto fd = open_trusted_directory(above, plan.trust);
  if (!fd) return tl::unexpected(std::move(fd).error().prepend("directory above the keystore"));
  return Place{{*std::move(fd), above}, name};
}

bool is_there(int directory, const std::string& name) {
  struct stat st {};
  return ::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/// What there is under the name: nothing, an empty directory, or a keystore, perhaps a damaged one.
enum class There { nothing, empty, keystore };
Result<There> look(const Place& place, const RestorePlan& plan) {
  if (!is_there(place.parent.fd.get(), place.name)) return There::nothing;
  SG_TRY(UniqueFd fd,
         open_trusted_directory_at(place.parent.fd.get(), place.name, plan.directory, plan.trust));
  for (const char* sign : {kKeys, kSigners, kSeal, kImages}) {
    if (is_there(fd.get(), sign)) return There::keystore;
  }
  SG_TRY(const auto names, list_entries({std::move(fd), plan.directory}));
  if (names.empty()) return There::empty;
  return fail(Code::usage, plan.directory + " exists and is not a keystore",
              "choose another directory, or move it away");
}

/// Both locks of those who write, so that no change of theirs is lost.
struct Locks {
  std::optional<FileLock> images, store;
};
Result<Locks> lock_old(const Place& place, const RestorePlan& plan) {
  SG_TRY(const UniqueFd fd,
         open_trusted_directory_at(place.parent.fd.get(), place.name, plan.directory, plan.trust));
  Locks locks;
  SG_TRY(locks.images, FileLock::acquire(fd.get(), ".images.lock", FileLock::Mode::exclusive,
                                         kLockTimeoutMs, plan.directory + "/.images.lock"));
  SG_TRY(locks.store, FileLock::acquire(fd.get(), ".lock", FileLock::Mode::exclusive,
                                        kLockTimeoutMs, plan.directory + "/.lock"));
  return locks;
}

/// Fills the hidden directory and opens it as what it will be.
Result<NewStoreKey> fill(const Place& place, const std::string& hidden, const Backup& backup,
                         const RestorePlan& plan) {
  const std::string path = place.path_of(hidden);
  SG_TRY(const UniqueFd fd,
         open_trusted_directory_at(place.parent.fd.get(), hidden, path, plan.trust));
  SG_CHECK(unpack_archive(backup.archive, fd.get(), path));
  const SealPlace seal_place{fd.get(), path, plan.trust};
  SG_TRY(NewStoreKey sealed, seal_store_key(backup.key, plan.seal, seal_place));
  const auto finish = [&]() -> Status {
    SG_CHECK(write_seals(seal_place, {sealed.seal}));
    if (::syncfs(fd.get()) != 0) {
      return fail_errno(Code::temporary, "cannot make durable " + path, errno);
    }
    SG_TRY(const Keystore made, Keystore::open(path, plan.trust));
    SG_TRY(const auto damaged, made.check_private_halves());
    if (!damaged.empty()) return tl::unexpected(damaged.front().second);
    SG_TRY(const auto keys, made.keys());
    SG_TRY(const auto signers, made.signers());
    return {};
  };
  if (auto finished = finish(); !finished) {
    take_back(sealed, seal_place);
    return tl::unexpected(std::move(finished).error());
  }
  return sealed;
}

/// An older bundle than the last one is not taken because a backup was older still.
Status keep_serials(const RestorePlan& plan, const std::string& hidden) {
  const auto before = Keystore::open(plan.directory, plan.trust);
  if (!before) return {};  // too damaged to say; the caller has told
  SG_TRY(const BundleState seen, read_bundle_state(*before));
  SG_TRY(const Keystore made, Keystore::open(hidden, plan.trust));
  SG_TRY(BundleState state, read_bundle_state(made));
  const bool newer = seen.imported > state.imported;
  const bool exported = seen.store == state.store && seen.exported > state.exported;
  if (newer) {
    state.from = seen.from;
    state.imported = seen.imported;
  }
  if (exported) state.exported = seen.exported;
  return newer || exported ? write_bundle_state(made, state) : Status();
}

/// What goes on from the keystore that is replaced.
Status carry_on(const Place& place, const std::string& hidden, const RestorePlan& plan) {
  const int above = place.parent.fd.get();
  const std::string path = place.path_of(hidden);
  SG_TRY(const UniqueFd before,
         open_trusted_directory_at(above, place.name, plan.directory, plan.trust));
  SG_TRY(const UniqueFd made, open_trusted_directory_at(above, hidden, path, plan.trust));
  SG_CHECK(keep_local_files(before.get(), made.get(), plan.directory));
  SG_CHECK(keep_serials(plan, path));
  return sync_directory(made.get(), path);
}

Status publish(const Place& place, const std::string& hidden, bool replace,
               const RestorePlan& plan) {
  const int fd = place.parent.fd.get();
  if (!replace) {
    // Over nothing, or over an empty directory; a keystore made meanwhile is not empty.
    if (::renameat(fd, hidden.c_str(), fd, place.name.c_str()) == 0) {
      return sync_directory(fd, plan.directory);
    }
    return fail_errno(Code::config, "cannot make " + plan.directory, errno);
  }
  if (::renameat2(fd, hidden.c_str(), fd, place.name.c_str(), RENAME_EXCHANGE) != 0) {
    return fail_errno(Code::config, "cannot replace " + plan.directory, errno,
                      "a directory that is a mount point cannot be: restore beside it");
  }
  return sync_directory(fd, plan.directory);
}

}  // namespace

std::string kept_directory(const std::string& directory) {
  return directory + ".before-restore";
}

Result<bool> check_restore_place(const RestorePlan& plan) {
  SG_TRY(const Place place, locate(plan));
  SG_TRY(const There there, look(place, plan));
  if (there != There::keystore) return false;
  const std::string kept = kept_directory(place.name);
  if (is_there(place.parent.fd.get(), kept)) {
    return fail(Code::usage, place.path_of(kept) + " is still there",
                "it is the keystore of before another restore: remove it or move it away");
  }
  return true;
}

Result<Restored> restore_backup(const Backup& backup, const RestorePlan& plan) {
  if (const auto good = read_contents(backup); !good) return tl::unexpected(good.error());
  SG_TRY(const bool replace, check_restore_place(plan));
  SG_TRY(const Place place, locate(plan));
  Locks locks;
  if (replace) {
    SG_TRY(locks, lock_old(place, plan));
  }
  SG_TRY(const std::string hidden, make_hidden_directory(place.parent, kHidden));
  auto sealed = fill(place, hidden, backup, plan);
  if (!sealed) {
    discard_directory(place.parent, hidden);
    return tl::unexpected(std::move(sealed).error());
  }
  Status published = replace ? carry_on(place, hidden, plan) : Status();
  if (published) published = publish(place, hidden, replace, plan);
  if (!published) {
    take_back(*sealed, {-1, plan.directory, plan.trust});
    discard_directory(place.parent, hidden);
    return tl::unexpected(std::move(published).error());
  }
  Restored restored{sealed->seal, {}};
  if (!replace) return restored;
  const int fd = place.parent.fd.get();
  const std::string kept = kept_directory(place.name);
  restored.kept = place.path_of(kept);
  if (::renameat2(fd, hidden.c_str(), fd, kept.c_str(), RENAME_NOREPLACE) != 0) {
    restored.kept = place.path_of(hidden);
  }
  SG_CHECK(sync_directory(fd, plan.directory));
  return restored;
}

}  // namespace sifguard
