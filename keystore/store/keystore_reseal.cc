// Putting a keystore under a new store key. The owner of the directory, in `sifctl`.
//
// The new key is named in seal.json first, beside the old one; then each key's directory is
// rewritten; then the old store key is removed. At any moment every private key opens with a store
// key that seal.json names; after a crash the next run finishes the work.
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "keystore/base/in_place.h"
#include "keystore/base/tree.h"
#include "keystore/store/authority_store.h"
#include "keystore/store/key_entry.h"
#include "keystore/store/keystore.h"
#include "keystore/store/left_reseal.h"
#include "keystore/store/older_names.h"
#include "keystore/store/own_keys.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

/// The seals of a keystore, none if it is older than they are.
Result<std::vector<Seal>> old_seals(StoreKeys& keys, const SealPlace& place) {
  auto seals = keys.seals();
  if (seals) return seals;
  if (!is_absent(place.directory_fd, kSeal)) return seals;
  return std::vector<Seal>();
}

/// Whether the file at the path that is asked for comes first already: an interrupted run had made
/// it, or a complete one.
bool is_first(const SealOptions& options, const std::vector<Seal>& before) {
  if (options.method != SealMethod::file || options.where.empty() || before.empty()) return false;
  return before.front().method == SealMethod::file && before.front().where == options.where;
}

/// Whether nothing is left to do for it. An interrupted run may have wanted another place.
Result<bool> is_complete(const Keystore& keystore, const SealPlace& place,
                         const std::vector<Seal>& before) {
  const auto announced = announced_seal(place);
  const bool is_noted = announced && announced->where == before.front().where;
  if (before.size() > 1 || is_noted) return false;
  SG_TRY(const auto unopened, keystore.check_private_halves());
  return unopened.empty();
}

/// While a reseal is unfinished, the keystore does not go back to what it leaves.
Status check_not_given_up(const SealOptions& options, const std::vector<Seal>& before) {
  const bool given_up = !options.where.empty() && before.size() > 1 &&
                        std::any_of(before.begin() + 1, before.end(), [&](const Seal& seal) {
                          return seal.method == SealMethod::file && seal.where == options.where;
                        });
  if (!given_up) return {};
  return fail(Code::wrong_state,
              "an interrupted reseal is taking the keystore from " + options.where,
              "finish it with sifctl reseal, then choose another path");
}

/// The key that all goes under. What an interrupted run had put first is gone on with, if its file
/// has the path that is asked for, as it cannot be made again. `before` keeps the others.
Result<NewStoreKey> next_store_key(const SealOptions& options, const SealPlace& place,
                                   std::vector<Seal>& before) {
  if (!is_first(options, before)) {
    SG_CHECK(check_not_given_up(options, before));
    return make_store_key(options, place, false);
  }
  NewStoreKey made;
  SG_TRY(made.key, open_seal(before.front(), place));
  made.seal = before.front();
  made.adopted = true;
  before.erase(before.begin());
  return made;
}

/// Store keys in the keystore that seal.json does not name: of a run that was interrupted.
Result<std::vector<Seal>> stray_seals(const SealPlace& place, const Seal& named) {
  UniqueFd own = reopen_directory(place.directory_fd);
  if (!own.valid()) return fail_errno(Code::internal, "cannot list " + place.directory, errno);
  SG_TRY(const auto names, list_entries({std::move(own), place.directory}));
  std::vector<Seal> strays;
  for (const std::string& name : names) {
    if (name == named.where || !name.starts_with("store-") || !name.ends_with(".key")) continue;
    strays.push_back({{}, SealMethod::file, name, {}});
  }
  return strays;
}

/// Nothing but the first of those that seal.json named is left of the store keys that were
/// made in the keystore.
Result<std::optional<Seal>> end_reseal(const SealPlace& place, const std::vector<Seal>& named) {
  SG_TRY(const auto strays, stray_seals(place, named.front()));
  for (const Seal& stray : strays) SG_CHECK(discard_seal(stray, place));
  return settle_announced(place, named);
}

/// seal.json names the new key, which must stay by now.
tl::unexpected<Error> resealing_began(const Error& error) {
  const Status plain = taken_back(tl::unexpected(error));
  return fail(error.code(), "the reseal has begun, but " + plain.error().what(),
              "finish it with sifctl reseal");
}

Result<Keystore::Resealed> is_there_already(const SealPlace& place,
                                            const std::vector<Seal>& before) {
  SG_TRY(auto abandoned, settle_announced(place, before));
  return Keystore::Resealed{before.front(), {}, 0, true, std::move(abandoned)};
}

}  // namespace

Result<Keystore::Resealed> Keystore::reseal(const SealOptions& options) {
  SG_TRY(const FileLock held, lock());
  const SealPlace place = seal_place();
  StoreKeys store_keys(place);
  SG_TRY(auto before, old_seals(store_keys, place));
  SG_TRY(const EntryParent all, parent(kKeys));
  SG_TRY(const auto ids, list_entries(all));
  // Everything must open before anything changes.
  for (const auto& id : ids) {
    SG_TRY(const KeyEntry readable,
           read_key_entry(all, id, PrivateHalf::open_or_plain, store_keys, trust_));
  }
  SG_TRY(const std::size_t own_keys, check_own_keys(*this, store_keys));
  SG_CHECK(check_authorities(*this, store_keys));
  if (is_first(options, before)) {
    SG_TRY(const bool complete, is_complete(*this, place, before));
    if (complete) return is_there_already(place, before);
  }
  SG_TRY(NewStoreKey made, next_store_key(options, place, before));
  Resealed done{made.seal, {}, 0, false, {}};
  std::vector<Seal> both = {made.seal};
  both.insert(both.end(), before.begin(), before.end());
  if (const Status named = write_seals(place, both); !named) {
    if (is_in_place(named.error())) return resealing_began(named.error());
    take_back(made, place);
    return tl::unexpected(named.error());
  }
  store_keys.put_first(made.seal, std::move(made.key));
  for (const auto& id : ids) {
    SG_TRY(const KeyEntry entry,
           read_key_entry(all, id, PrivateHalf::open_or_plain, store_keys, trust_));
    if (!entry.record.has_private) continue;
    // An old envelope is left to readers who have just opened it: its key goes in the end.
    SG_TRY(OldPrivateHalf old, OldPrivateHalf::hold(all, id, OldPrivateHalf::Which::plain, trust_));
    SG_CHECK(write_key_entry(all, entry, store_keys));
    SG_CHECK(old.overwrite());
    ++done.private_keys;
  }
  SG_CHECK(rewrite_own_keys(*this, store_keys));
  done.private_keys += own_keys;
  SG_TRY(const std::size_t authorities, reseal_authorities(*this, store_keys));
  done.private_keys += authorities;
  SG_CHECK(write_seals(place, {made.seal}));
  for (const Seal& seal : before) {
    SG_TRY(const bool gone, discard_seal(seal, place));
    if (!gone) done.left_behind.push_back(seal);
  }
  SG_TRY(done.abandoned, end_reseal(place, both));
  return done;
}

Result<bool> finish_reseal(const Keystore& keystore) {
  SG_TRY(const FileLock held, keystore.lock());
  const SealPlace place = keystore.seal_place();
  SG_TRY(const auto seals, keystore.seals());
  if (seals.size() != 1) return false;
  SG_TRY(const auto strays, stray_seals(place, seals.front()));
  const auto announced = announced_seal(place);
  const bool noted = announced && announced->where == seals.front().where;
  if (strays.empty() && !noted) return false;
  SG_TRY(const auto unopened, keystore.check_private_halves());
  if (!unopened.empty()) return tl::unexpected(unopened.front().second);
  StoreKeys store_keys(place);
  SG_CHECK(check_own_keys(keystore, store_keys));
  SG_CHECK(check_authorities(keystore, store_keys));
  SG_TRY(const auto abandoned, end_reseal(place, seals));
  return true;
}

}  // namespace sifguard
