// What X.509 signers are judged by: trust anchors, intermediates, revocation lists. Root on nodes;
// the owner of the keystore in `sifctl`.
#include "keystore/store/trust_store.h"

#include "keystore/base/text.h"
#include "keystore/store/meta.h"
#include "keystore/store/single_file.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr const char* kTrust = "trust";
constexpr std::size_t kNameDigits = 64;
constexpr std::size_t kMinPrefix = 8;
constexpr std::size_t kMaxCertificate = 64UL * 1024;
constexpr std::size_t kMaxList = 16UL * 1024 * 1024;

std::string directory_name(TrustKind kind) {
  return std::string(trust_kind_name(kind)) + "s";
}

/// nullopt when nothing of the kind was ever added.
Result<std::optional<EntryParent>> find_directory(const Keystore& keystore, TrustKind kind) {
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const auto trust, find_parent(top, kTrust, keystore.trust()));
  if (!trust) return std::nullopt;
  return find_parent(*trust, directory_name(kind), keystore.trust());
}

Result<EntryParent> make_directories(const Keystore& keystore, TrustKind kind) {
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const EntryParent trust, make_parent(top, kTrust, keystore.trust()));
  return make_parent(trust, directory_name(kind), keystore.trust());
}

Result<std::string> read_item(const EntryParent& directory, const std::string& name, TrustKind kind,
                              Trust trust) {
  const std::string shown = directory.shown + "/" + name;
  if (!is_lower_hex(name, kNameDigits)) {
    return fail(Code::config, printable(shown) + " has no place in the keystore", "move it away");
  }
  return read_store_file(directory.fd.get(), name, shown, max_trust_size(kind), trust);
}

}  // namespace

std::string_view trust_kind_name(TrustKind kind) noexcept {
  switch (kind) {
    case TrustKind::root:
      return "root";
    case TrustKind::intermediate:
      return "intermediate";
    case TrustKind::crl:
      return "crl";
    case TrustKind::response:
      break;
  }
  return "response";
}

std::size_t max_trust_size(TrustKind kind) noexcept {
  return kind == TrustKind::crl ? kMaxList : kMaxCertificate;
}

Result<std::vector<TrustItem>> trust_items(const Keystore& keystore, TrustKind kind) {
  SG_TRY(const auto directory, find_directory(keystore, kind));
  std::vector<TrustItem> items;
  if (!directory) return items;
  SG_CHECK(read_entries(*directory, [&](const std::string& name) -> Status {
    SG_TRY(std::string text, read_item(*directory, name, kind, keystore.trust()));
    items.push_back({name, std::move(text)});
    return {};
  }));
  return items;
}

Result<Keystore::Added> add_trust_item(const Keystore& keystore, TrustKind kind,
                                       const TrustItem& item) {
  SG_TRY(const FileLock held, keystore.lock());
  return put_trust_item(keystore, kind, item);
}

Result<Keystore::Added> put_trust_item(const Keystore& keystore, TrustKind kind,
                                       const TrustItem& item) {
  if (!is_lower_hex(item.name, kNameDigits) || item.text.empty() ||
      item.text.size() > max_trust_size(kind)) {
    return fail(Code::refused, "the file is empty, too large or has no name");
  }
  SG_TRY(const EntryParent directory, make_directories(keystore, kind));
  if (has_entry(directory, item.name)) {
    SG_TRY(const std::string stored, read_item(directory, item.name, kind, keystore.trust()));
    if (stored == item.text) return Keystore::Added::unchanged;
  }
  SG_CHECK(put_file(directory, item.name, item.text));
  return Keystore::Added::added;
}

Result<std::string> remove_trust_item(const Keystore& keystore, TrustKind kind,
                                      std::string_view prefix) {
  const std::string wanted = to_lower(prefix);
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const auto directory, find_directory(keystore, kind));
  std::vector<std::string> names;
  if (directory) {
    SG_TRY(names, list_entries(*directory));
  }
  std::erase_if(names, [&](const std::string& name) { return !name.starts_with(wanted); });
  const std::string what = std::string(trust_kind_name(kind)) + " '" + printable(prefix, 100) + "'";
  if (wanted.size() < kMinPrefix) {
    return fail(Code::usage, what + " is too short an id", "give 8 digits or more");
  }
  if (names.empty()) return fail(Code::absent, "the keystore has no " + what);
  if (names.size() > 1) return fail(Code::absent, what + " is ambiguous", "give more digits");
  SG_TRY(const bool gone, remove_file(*directory, names.front()));
  if (!gone) return fail(Code::absent, "the keystore has no " + what);
  return names.front();
}

}  // namespace sifguard
