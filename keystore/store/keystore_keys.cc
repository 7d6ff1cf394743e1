// Finding and loading the keys of a keystore. Root on nodes; the owner of the directory in
// `sifctl`.
#include <algorithm>

#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/store/key_entry.h"
#include "keystore/store/keystore.h"
#include "keystore/store/meta.h"
#include "keystore/store/store_files.h"
#include "keystore/store/stored_key.h"

namespace sifguard {
namespace {

constexpr std::size_t kMinPrefix = 16;
constexpr std::size_t kThumbprintDigits = 40;

/// A reference, taken apart once: policies of thousands of bindings hold each against all keys.
class Wanted {
 public:
  explicit Wanted(std::string_view reference)
      : reference_(reference), digits_(to_lower(pasted_hex(reference))) {
    thumbprint_ =
        is_lower_hex(digits_, kThumbprintDigits) && pasted_of(reference) != PastedOf::openpgp;
    prefix_ = digits_.size() >= kMinPrefix && is_lower_hex(digits_, digits_.size());
  }
  [[nodiscard]] bool is(const KeyRecord& key) const {
    return reference_ == key.name || (thumbprint_ && digits_ == key.thumbprint) ||
           (prefix_ && key.id.starts_with(digits_));
  }

 private:
  std::string_view reference_;
  std::string digits_;
  bool thumbprint_ = false;
  bool prefix_ = false;
};

/// The one key of `all` that is meant.
Result<const KeyRecord*> pick(const std::vector<KeyRecord>& all, std::string_view reference) {
  std::vector<const KeyRecord*> found;
  const Wanted wanted(reference);
  for (const KeyRecord& key : all) {
    if (wanted.is(key)) found.push_back(&key);
  }
  const std::string shown = "'" + printable(reference, 100) + "'";
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return fail(Code::absent, "no key " + shown + " in the keystore", "see sifctl key list");
  }
  return fail(Code::absent, shown + " fits more than one key of the keystore", "give a whole id");
}

}  // namespace

bool refers_to(std::string_view reference, const KeyRecord& key) {
  return Wanted(reference).is(key);
}

Result<std::vector<KeyRecord>> key_and_successors(const std::vector<KeyRecord>& all,
                                                  std::string_view reference) {
  SG_TRY(const KeyRecord* next, pick(all, reference));
  std::vector<KeyRecord> line;
  // A circle, which only a hand-made meta.json has, ends when every key was seen.
  while (next != nullptr && line.size() < all.size()) {
    line.push_back(*next);
    const auto found = std::find_if(all.begin(), all.end(), [&](const KeyRecord& key) {
      return key.predecessor == line.back().id;
    });
    next = found == all.end() ? nullptr : &*found;
  }
  return line;
}

Result<std::vector<KeyRecord>> Keystore::keys() const {
  SG_TRY(const EntryParent all, parent(kKeys));
  std::vector<KeyRecord> records;
  SG_CHECK(read_entries(all, [&](const std::string& id) -> Status {
    SG_TRY(KeyRecord record, read_key_record(all, id, trust_));
    records.push_back(std::move(record));
    return {};
  }));
  std::sort(records.begin(), records.end(),
            [](const KeyRecord& a, const KeyRecord& b) { return a.name < b.name; });
  return records;
}

Result<KeyRecord> Keystore::find_key(std::string_view reference) const {
  SG_TRY(const auto all, keys());
  SG_TRY(const KeyRecord* const found, pick(all, reference));
  return *found;
}

Result<std::vector<KeyRecord>> Keystore::key_and_successors(std::string_view reference) const {
  SG_TRY(const auto all, keys());
  auto line = sifguard::key_and_successors(all, reference);
  if (line) return line;
  // Bindings ask: what names a key that is not there is at fault itself.
  return fail(Code::config, line.error().what(), line.error().remedy());
}

Result<StoredPrivateKey> Keystore::stored_private_once(const std::string& id) const {
  SG_TRY(const EntryParent all, parent(kKeys));
  SG_TRY(const KeyRecord record, read_key_record(all, id, trust_));
  const auto refuse = [](const KeyRecord& key) {
    return fail(Code::denied,
                "the key '" + key.name + "' is " + std::string(key_state_name(key.state)));
  };
  if (!decrypts(record.state)) return refuse(record);
  if (!record.has_private) {
    return fail(Code::config, "only the public half of the key '" + record.name + "' is held here");
  }
  StoreKeys store_keys(seal_place());
  SG_TRY(KeyEntry entry, read_key_entry(all, id, PrivateHalf::open, store_keys, trust_));
  if (!decrypts(entry.record.state)) return refuse(entry.record);
  return StoredPrivateKey(std::move(entry), all.shown);
}

Result<StoredPrivateKey> Keystore::stored_private_key(const KeyRecord& key) const {
  // Read again: the state may have changed since the record was made. And once more, if the
  // keystore was resealed between the reading of seal.json and of the key.
  auto stored = stored_private_once(key.id);
  for (int again = 0; !stored && stored.error().code() == Code::config && again < 2; ++again) {
    stored = stored_private_once(key.id);
  }
  return stored;
}

Result<RsaPrivateKey> Keystore::load_private_key(const KeyRecord& key) const {
  SG_TRY(const StoredPrivateKey stored, stored_private_key(key));
  return stored.open();
}

Result<RsaPublicKey> Keystore::load_public_key(const KeyRecord& key) const {
  SG_TRY(const EntryParent all, parent(kKeys));
  StoreKeys unused(seal_place());
  SG_TRY(const KeyEntry entry, read_key_entry(all, key.id, PrivateHalf::leave, unused, trust_));
  return public_half_of(entry, all.shown);
}

}  // namespace sifguard
