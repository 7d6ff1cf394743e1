// A keystore made from a backup, in place of nothing or of another keystore. The owner of the
// keystore, in `sifctl`.
#include "keystore/backup/restore.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/backup/carry_on.h"
#include "keystore/backup/left_restore.h"
#include "keystore/backup/local_files.h"
#include "keystore/backup/unpack.h"
#include "keystore/base/contains.h"
#include "keystore/base/in_place.h"
#include "keystore/base/tree.h"
#include "keystore/policy/policy.h"
#include "keystore/store/older_names.h"
#include "keystore/store/removed_signers.h"
#include "keystore/store/store_files.h"
#include "keystore/store/store_keys.h"
#include "keystore/store/work_directory.h"

namespace sifguard {
namespace {

constexpr int kRestoreTimeoutMs = 10'000;
constexpr const char* kStoreLock = ".lock";

bool is_there(int directory, const std::string& name) {
  struct stat st {};
  return ::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_named(const StorePlace& place, const std::string& name, int fd) {
  struct stat ours {};
  struct stat named {};
  return ::fstat(fd, &ours) == 0 &&
         ::fstatat(place.parent.fd.get(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/// What there is under the name: nothing, an empty directory, or a keystore, perhaps a damaged one.
enum class There { nothing, empty, keystore };
Result<There> look(const StorePlace& place, const RestorePlan& plan) {
  if (!is_there(place.parent.fd.get(), place.name)) return There::nothing;
  SG_TRY(UniqueFd fd,
         open_trusted_directory_at(place.parent.fd.get(), place.name, plan.directory, plan.trust));
  for (const char* sign : {kKeys, kSigners, kSeal, kImagesFile}) {
    if (!is_absent(fd.get(), sign)) return There::keystore;
  }
  SG_TRY(const auto names, list_entries({std::move(fd), plan.directory}));
  if (names.empty()) return There::empty;
  return fail(Code::exists, plan.directory + " exists and is not a keystore",
              "choose another directory, or move it away");
}

/// The locks of those who write, so that no change of theirs is lost, and that of the log of
/// changes last, which the others hold but for a moment.
struct Locks {
  std::optional<FileLock> images, store, log;
};
Result<Locks> lock_old(const StorePlace& place, const RestorePlan& plan) {
  SG_TRY(const UniqueFd fd,
         open_trusted_directory_at(place.parent.fd.get(), place.name, plan.directory, plan.trust));
  Locks locks;
  SG_TRY(locks.images, FileLock::acquire(fd.get(), ".images.lock", FileLock::Mode::exclusive,
                                         kRestoreTimeoutMs, plan.directory + "/.images.lock"));
  SG_TRY(locks.store, FileLock::acquire(fd.get(), kStoreLock, FileLock::Mode::exclusive,
                                        kRestoreTimeoutMs, plan.directory + "/" + kStoreLock));
  if (!is_named(place, place.name, fd.get())) {
    return fail(Code::temporary, plan.directory + " was replaced meanwhile", "try again");
  }
  SG_CHECK(end_unfinished(fd.get(), plan.directory));  // of one that was killed when all was done
  return locks;
}

/// What was changed between the question and the locks was in no answer.
Status check_agreed(const Backup& backup, const BackupContents& contents, const RestorePlan& plan) {
  if (!plan.agreed) return {};
  const auto now = Keystore::open(plan.directory, plan.trust);
  const Undone undone = undone_by_restore(now ? &*now : nullptr, backup, contents, plan.merge);
  for (const std::string& line : undone.lines) {
    if (contains(*plan.agreed, line)) continue;
    return fail(Code::temporary,
                "the keystore was changed meanwhile, nothing was restored: " + line, "try again");
  }
  return {};
}

/// Fills the hidden directory and opens it as what it will be.
Result<NewStoreKey> fill(const StorePlace& place, const std::string& hidden, const Backup& backup,
                         const RestorePlan& plan) {
  const std::string path = place.path_of(hidden);
  SG_TRY(const UniqueFd fd,
         open_trusted_directory_at(place.parent.fd.get(), hidden, path, plan.trust));
  SG_CHECK(mark_unfinished(fd.get(), path));
  SG_CHECK(unpack_archive(backup.archive, fd.get(), path));
  const SealPlace seal_place{fd.get(), path, plan.trust};
  SG_TRY(NewStoreKey sealed, seal_store_key(backup.key, plan.seal, seal_place));
  const auto finish = [&]() -> Status {
    SG_CHECK(taken_back(write_seals(seal_place, {sealed.seal})));
    if (::syncfs(fd.get()) != 0) {
      return fail_errno(Code::temporary, "cannot make durable " + path, errno);
    }
    SG_TRY(const Keystore made, Keystore::open(path, plan.trust));
    SG_TRY(const auto damaged, made.check_private_halves());
    if (!damaged.empty()) return tl::unexpected(damaged.front().second);
    SG_TRY(const auto keys, made.keys());
    SG_TRY(const auto signers, made.signers());
    SG_TRY(const auto removed, removed_signers(made));
    return {};
  };
  if (auto finished = finish(); !finished) {
    take_back(sealed, seal_place);
    return tl::unexpected(std::move(finished).error());
  }
  return sealed;
}

Result<UniqueFd> open_beside(const StorePlace& place, const std::string& name,
                             const RestorePlan& plan) {
  return open_trusted_directory_at(place.parent.fd.get(), name, place.path_of(name), plan.trust);
}

/// What goes on from the keystore that is replaced.
Status take_over(const StorePlace& place, const std::string& hidden, const RestorePlan& plan) {
  SG_TRY(const UniqueFd old, open_beside(place, place.name, plan));
  SG_TRY(const UniqueFd made, open_beside(place, hidden, plan));
  SG_CHECK(keep_local_files(old.get(), made.get(), plan.directory));
  if (const auto before = Keystore::open(plan.directory, plan.trust)) {
    SG_TRY(const Keystore after, Keystore::open(place.path_of(hidden), plan.trust));
    SG_CHECK(carry_on(*before, after, plan.merge));
  }
  if (::syncfs(made.get()) == 0) return {};
  return fail_errno(Code::temporary, "cannot make durable " + place.path_of(hidden), errno);
}

/// Gives all that is there its second name. An interrupted restore may have done so already: what
/// it made is whole under that name until this is.
Status keep_before(const StorePlace& place, const RestorePlan& plan) {
  const int above = place.parent.fd.get();
  const std::string kept = kept_directory(place.name);
  const unsigned how = is_there(above, kept) ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  SG_TRY(const WorkDirectory work, make_work_directory(place.parent, kUnfinishedRestore));
  const std::string& hidden = work.name;
  Status done = [&]() -> Status {
    SG_TRY(const UniqueFd old, open_beside(place, place.name, plan));
    SG_TRY(const UniqueFd copy, open_beside(place, hidden, plan));
    SG_CHECK(link_tree_at(old.get(), copy.get()));
    if (::syncfs(copy.get()) != 0 ||
        ::renameat2(above, hidden.c_str(), above, kept.c_str(), how) != 0) {
      return fail_errno(Code::temporary, "cannot make " + place.path_of(kept), errno);
    }
    return sync_directory(above, plan.directory);
  }();
  // What is left there are names alone: see check_kept().
  if (!done || how == RENAME_EXCHANGE) (void)remove_tree_at(above, hidden);
  return done;
}

/// Puts the old directory itself in the place of its copy, for those who read in it; what is
/// removed are names.
void settle(const StorePlace& place, const std::string& hidden) noexcept {
  const int above = place.parent.fd.get();
  const std::string kept = kept_directory(place.name);
  if (::renameat2(above, hidden.c_str(), above, kept.c_str(), RENAME_EXCHANGE) != 0) return;
  if (sync_directory(above, kept)) (void)remove_tree_at(above, hidden);
}

/// By now it is the keystore. Where this fails, the next restore does it.
void end_work(const StorePlace& place, const RestorePlan& plan) noexcept {
  const auto made = open_beside(place, place.name, plan);
  if (made) (void)end_unfinished(made->get(), plan.directory);
}

Status put_in_place(const StorePlace& place, const std::string& hidden, const RestorePlan& plan) {
  const int fd = place.parent.fd.get();
  // Over nothing, or over an empty directory; a keystore made meanwhile is not empty.
  if (::renameat(fd, hidden.c_str(), fd, place.name.c_str()) != 0) {
    return fail_errno(Code::config, "cannot make " + plan.directory, errno);
  }
  SG_CHECK(sync_change(fd, plan.directory));
  end_work(place, plan);
  return {};
}

Status exchange(const StorePlace& place, const std::string& hidden, const RestorePlan& plan) {
  const int fd = place.parent.fd.get();
  SG_CHECK(keep_before(place, plan));
  if (::renameat2(fd, hidden.c_str(), fd, place.name.c_str(), RENAME_EXCHANGE) != 0) {
    const int problem = errno;
    (void)remove_tree_at(fd, kept_directory(place.name));
    return fail_errno(Code::config, "cannot replace " + plan.directory, problem,
                      "a directory that is a mount point cannot be: restore beside it");
  }
  SG_CHECK(sync_change(fd, plan.directory));
  end_work(place, plan);
  return {};
}

/// Whether the copy was made by a restore that was interrupted before the exchange: what is there
/// now is then what was copied, changed since or not, and has its lock, which no restore shares
/// with what it makes.
bool is_of_unfinished(int copy, int there) {
  struct stat theirs {};
  struct stat ours {};
  return is_linked_copy(copy, there) ||
         (::fstatat(copy, kStoreLock, &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
          ::fstatat(there, kStoreLock, &ours, AT_SYMLINK_NOFOLLOW) == 0 &&
          theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino);
}

/// What killed restores have left, where all of it is elsewhere.
void tidy(const StorePlace& place, const RestorePlan& plan) noexcept {
  discard_abandoned(place.parent, kUnfinishedRestore, [&](int left) {
    if (holds_nothing(left) || is_named_elsewhere(left)) return true;
    for (const std::string& name : {place.name, kept_directory(place.name)}) {
      const auto there = open_beside(place, name, plan);
      if (there && is_covered(left, there->get())) return true;
    }
    return false;
  });
}

/// Who tidies sees that this one, which a hidden name will have for a moment, is worked on.
Result<UniqueFd> hold_old(const StorePlace& place, const RestorePlan& plan) {
  SG_TRY(UniqueFd old, open_beside(place, place.name, plan));
  (void)::flock(old.get(), LOCK_SH | LOCK_NB);
  return old;
}

/// The keystore of before another restore may hold keys that are nowhere else. What a restore left
/// that was interrupted before the exchange is of what is there now.
Status check_kept(const StorePlace& place, const RestorePlan& plan) {
  const std::string kept = kept_directory(place.name);
  if (!is_there(place.parent.fd.get(), kept)) return {};
  const auto copy = open_beside(place, kept, plan);
  const auto there = open_beside(place, place.name, plan);
  if (copy && there && is_of_unfinished(copy->get(), there->get())) return {};
  return fail(Code::exists, place.path_of(kept) + " is still there",
              "it is the keystore as it was at another restore, and may have keys that are nowhere "
              "else: move it away");
}

}  // namespace

std::string kept_directory(const std::string& directory) {
  return directory + ".before-restore";
}

Result<bool> check_restore_place(const RestorePlan& plan) {
  SG_TRY(const StorePlace place, locate_store(plan.directory, plan.trust));
  SG_TRY(const There there, look(place, plan));
  if (there != There::keystore) return false;
  SG_CHECK(check_kept(place, plan));
  return true;
}

Result<Restored> restore_backup(const Backup& backup, const RestorePlan& plan) {
  SG_TRY(const BackupContents contents, read_contents(backup));
  SG_TRY(const bool replace, check_restore_place(plan));
  SG_TRY(const StorePlace place, locate_store(plan.directory, plan.trust));
  Locks locks;
  if (replace) {
    SG_TRY(locks, lock_old(place, plan));
    SG_CHECK(check_agreed(backup, contents, plan));
  }
  tidy(place, plan);
  SG_TRY(const WorkDirectory work, make_work_directory(place.parent, kUnfinishedRestore));
  const std::string& hidden = work.name;
  UniqueFd old;
  auto sealed = fill(place, hidden, backup, plan);
  if (!sealed) {
    discard_directory(place.parent, hidden);
    return tl::unexpected(std::move(sealed).error());
  }
  const auto publish = [&]() -> Status {
    if (!replace) return put_in_place(place, hidden, plan);
    SG_TRY(old, hold_old(place, plan));
    SG_TRY(locks.log, lock_change_log(old.get(), plan.directory));
    SG_CHECK(taken_back(take_over(place, hidden, plan)));
    return exchange(place, hidden, plan);
  };
  const Status published = publish();
  if (!is_made(published)) {
    take_back(*sealed, {-1, plan.directory, plan.trust});
    discard_directory(place.parent, hidden);
    return tl::unexpected(published.error());
  }
  if (replace) settle(place, hidden);
  tidy(place, plan);
  if (!published) return tl::unexpected(published.error());
  if (!replace) return Restored{sealed->seal, {}};
  return Restored{sealed->seal, place.path_of(kept_directory(place.name))};
}

}  // namespace sifguard
