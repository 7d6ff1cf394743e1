// The keystore as a whole: making and opening it, its lock, the images file. Root on nodes; the
// owner of the directory in `sifctl`.
#include "keystore/store/keystore.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/base/absent.h"
#include "keystore/base/held_signals.h"
#include "keystore/base/in_place.h"
#include "keystore/policy/policy.h"
#include "keystore/store/older_names.h"
#include "keystore/store/single_file.h"
#include "keystore/store/store_files.h"
#include "keystore/store/store_keys.h"
#include "keystore/store/work_directory.h"

namespace sifguard {
namespace {

constexpr int kStoreLockTimeoutMs = 10000;

/// Without it nothing in the keystore is ever replaced: no key suspended, none revoked.
Status check_exchange(int fd, const std::string& shown) {
  if (::renameat2(fd, kKeys, fd, kSigners, RENAME_EXCHANGE) == 0) return {};
  return fail_errno(Code::config, "cannot exchange two directories in " + shown, errno,
                    "keep the keystore on a local filesystem");
}

/// What may take long, or ask a person, comes before there is anything to leave behind: of a file
/// nothing does, and it may be in the new directory.
Result<std::optional<NewStoreKey>> make_elsewhere(const std::string& directory,
                                                  const SealOptions& options, Trust trust) {
  if (options.method == SealMethod::file) return std::optional<NewStoreKey>();
  SG_TRY(NewStoreKey made, make_store_key(options, {-1, directory, trust}, true));
  return std::optional(std::move(made));
}

/// Fills the new directory `name`, which will be `directory`; `ready`: a store key that is made.
Result<NewStoreKey> fill_new(const EntryParent& parent, const std::string& name,
                             const std::string& directory, const SealOptions& options,
                             std::optional<NewStoreKey> ready, Trust trust) {
  const std::string shown = parent.shown + "/" + name;
  SG_TRY(const UniqueFd fd, open_trusted_directory_at(parent.fd.get(), name, shown, trust));
  for (const char* inner : {kKeys, kSigners}) {
    if (::mkdirat(fd.get(), inner, 0700) != 0) {
      return fail_errno(Code::temporary, "cannot make " + shown + "/" + inner, errno);
    }
  }
  SG_CHECK(check_exchange(fd.get(), shown));
  SG_CHECK(replace_file(fd.get(), kImagesFile, kEmptyImages, 0600, shown + "/" + kImagesFile));
  const SealPlace place{fd.get(), directory, trust};
  NewStoreKey made;
  if (ready) {
    made = *std::move(ready);
  } else {
    SG_TRY(made, make_store_key(options, place, true));
  }
  if (auto named = taken_back(write_seals(place, {made.seal})); !named) {
    take_back(made, place);
    return tl::unexpected(std::move(named).error());
  }
  return made;
}

/// What stands at the place: nothing or an empty directory may be replaced.
Status check_free(const StorePlace& place, const std::string& directory, Trust trust) {
  SG_TRY(UniqueFd fd,
         open_trusted_directory_at(place.parent.fd.get(), place.name, directory, trust));
  SG_TRY(const auto names, list_entries({std::move(fd), directory}));
  if (names.empty()) return {};
  return fail(Code::config, directory + " exists and is not a keystore",
              "choose another directory, or move it away");
}

}  // namespace

Result<Keystore::Init> Keystore::init(const std::string& directory, Trust trust,
                                      const SealOptions& options) {
  SG_TRY(const StorePlace place, locate_store(directory, trust));
  discard_abandoned(place.parent, kUnfinishedInit, is_new_keystore);
  struct stat st {};
  if (::fstatat(place.parent.fd.get(), place.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0) {
    if (const auto there = open(directory, trust)) return Init{false, {}};
    SG_CHECK(check_free(place, directory, trust));
  }
  SG_TRY(auto ready, make_elsewhere(directory, options, trust));
  const auto signals = HeldSignals::hold();  // until all of it is in place or gone
  SG_TRY(const WorkDirectory work, make_work_directory(place.parent, kUnfinishedInit));
  const std::string& temporary = work.name;
  auto made = fill_new(place.parent, temporary, directory, options, std::move(ready), trust);
  const int fd = place.parent.fd.get();
  if (made && ::renameat(fd, temporary.c_str(), fd, place.name.c_str()) != 0) {
    const int problem = errno;
    take_back(*made, {-1, directory, trust});
    made = fail_errno(Code::config, "cannot make " + directory, problem);
  }
  if (!made) {
    wipe_directory(place.parent, temporary);
    return tl::unexpected(std::move(made).error());
  }
  SG_CHECK(sync_change(fd, directory));
  return Init{true, made->seal};
}

Result<Keystore> Keystore::open(const std::string& directory, Trust trust, Writes writes) {
  auto fd = open_trusted_directory(directory, trust);
  if (!fd) {
    const Error error = std::move(fd).error().prepend("keystore");
    if (!is_absent(directory)) return tl::unexpected(error);
    return tl::unexpected(error.reworded(error.what(), "check the path, or sifctl init makes one"));
  }
  Keystore keystore(directory, trust, writes, *std::move(fd));
  (void)::flock(keystore.fd_.get(), LOCK_SH | LOCK_NB);  // a courtesy of who replaces it all
  SG_TRY(const EntryParent top, keystore.top());
  for (const char* inner : {kKeys, kSigners}) {
    if (!has_entry(top, inner)) {
      return fail(Code::config, directory + " is not a keystore: it has no '" + inner + "'",
                  "make one with sifctl init");
    }
    SG_TRY(const EntryParent checked, keystore.parent(inner));
  }
  return keystore;
}

Result<FileLock> Keystore::lock() const {
  auto held = writes_ == Writes::withheld
                  ? Result<FileLock>(FileLock::none())
                  : FileLock::acquire(fd_.get(), ".lock", FileLock::Mode::exclusive,
                                      kStoreLockTimeoutMs, directory_ + "/.lock");
  // A restore or a bundle may have put another directory in place while this one waited.
  if (!is_current()) {
    return fail(Code::temporary, directory_ + " was replaced meanwhile", "try again");
  }
  if (!held || writes_ == Writes::withheld) return held;
  SG_TRY(const EntryParent own, top());
  discard_leftover_files(own);
  SG_CHECK(use_newer_names(own, trust_));
  return held;
}

bool Keystore::is_current() const noexcept {
  struct stat ours {};
  struct stat named {};
  return ::fstat(fd_.get(), &ours) == 0 && ::lstat(directory_.c_str(), &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

void Keystore::stop_reading() const noexcept {
  ::flock(fd_.get(), LOCK_UN);
}

Result<EntryParent> Keystore::top() const {
  SG_TRY(UniqueFd fd, open_trusted_directory_at(fd_.get(), ".", directory_, trust_));
  return EntryParent{std::move(fd), directory_, writes_};
}

Result<EntryParent> Keystore::parent(const char* name) const {
  SG_TRY(const EntryParent above, top());
  return open_parent(above, name, trust_);
}

SealPlace Keystore::seal_place() const {
  return {fd_.get(), directory_, trust_, writes_};
}

Result<std::vector<Seal>> Keystore::seals() const {
  return StoreKeys(seal_place()).seals();
}

Result<std::string> Keystore::images_text() const {
  return read_store_file(fd_.get(), kImagesFile, directory_ + "/" + kImagesFile, kMaxImagesSize,
                         trust_);
}

Status Keystore::replace_images_text(std::string_view text) {
  if (text.size() > kMaxImagesSize)
    return fail(Code::wrong_state, "the images file would be too large");
  SG_TRY(const FileLock held, lock());
  SG_TRY(const EntryParent own, top());
  return put_file(own, kImagesFile, text);
}

}  // namespace sifguard
