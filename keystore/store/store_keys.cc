// The store keys of one keystore, opened when they are asked for. Root on nodes; the owner of the
// keystore in `sifctl`.
#include "keystore/store/store_keys.h"

#include <fcntl.h>

#include "keystore/base/atomic_file.h"
#include "keystore/store/older_names.h"
#include "keystore/store/store_files.h"

namespace sifguard {

Status StoreKeys::load() {
  if (!entries_.empty()) return {};
  const std::string shown = place_.directory + "/" + kSeal;
  if (is_absent(place_.directory_fd, kSeal)) {
    return fail(Code::config,
                place_.directory + " has no store key, so it can hold no private keys",
                "make one with sifctl reseal --seal file");
  }
  SG_TRY(const std::string text,
         read_store_file(place_.directory_fd, kSeal, shown, kMaxMeta, place_.trust));
  SG_TRY(auto seals, parse_seals(text, shown));
  for (Seal& seal : seals) entries_.push_back({std::move(seal), {}});
  return {};
}

Result<std::vector<Seal>> StoreKeys::seals() {
  SG_CHECK(load());
  std::vector<Seal> seals;
  for (const Entry& entry : entries_) seals.push_back(entry.seal);
  return seals;
}

Result<const StoreKey*> StoreKeys::current() {
  SG_CHECK(load());
  return find(entries_.front().seal.key_id);
}

Result<const StoreKey*> StoreKeys::find(const std::string& id) {
  SG_CHECK(load());
  for (Entry& entry : entries_) {
    if (entry.seal.key_id != id) continue;
    if (entry.key.id.empty()) {
      SG_TRY(entry.key, open_seal(entry.seal, place_));
    }
    return &entry.key;
  }
  return fail(Code::config,
              "encrypted under the store key " + id + ", which " + place_.directory + "/" + kSeal +
                  " does not name",
              "it was copied from another keystore: copy its seal.json too, or import the key");
}

Result<SecretBytes> StoreKeys::open_private(std::span<const std::byte> envelope,
                                            std::string_view meta) {
  SG_TRY(const std::string id, envelope_key_id(envelope));
  SG_TRY(const StoreKey* const key, find(id));
  return open_envelope(*key, envelope, meta);
}

void StoreKeys::put_first(const Seal& seal, StoreKey key) {
  entries_.push_front({seal, std::move(key)});
}

Status write_seals(const SealPlace& place, const std::vector<Seal>& seals) {
  if (place.writes == Writes::withheld) return {};
  return replace_file(place.directory_fd, kSeal, format_seals(seals), 0600,
                      place.directory + "/" + kSeal);
}

}  // namespace sifguard
