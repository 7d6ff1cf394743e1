// Private keys that open no image. Root on an admin's host.
#include "keystore/store/own_keys.h"

#include <time.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "keystore/base/contains.h"
#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::int64_t kOwnKeysVersion = 1;

/// nullopt while there is no such directory.
Result<std::optional<EntryParent>> find_directory(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  return find_parent(top, kOwnKeys, keystore.trust());
}

std::string meta_of(const std::string& name, std::int64_t created) {
  return nlohmann::ordered_json(
             {{"version", kOwnKeysVersion}, {"name", name}, {"created", created}})
             .dump(2) +
         "\n";
}

Status check_meta(std::string_view text, const std::string& name, const std::string& where) {
  StrictObject object = StrictObject::parse(text, where);
  (void)read_version(object, kOwnKeysVersion, kOwnKeysVersion);
  if (object.string("name") != name) object.reject("its name is not that of its directory");
  (void)object.integer("created");
  return object.finish();
}

struct OwnKey {
  std::string meta;
  SecretBytes pem;
};

Result<OwnKey> read(const Keystore& keystore, const EntryParent& parent, const std::string& name,
                    StoreKeys& store_keys) {
  OwnKey key;
  SecretBytes envelope;
  const auto read_files = [&](int fd, const std::string& shown) -> Status {
    const std::string file = shown + "/" + kMeta;
    SG_TRY(key.meta, read_store_file(fd, kMeta, file, kMaxMeta, keystore.trust()));
    SG_CHECK(check_meta(key.meta, name, file));
    SG_TRY(envelope,
           read_store_secret(fd, kPrivate, shown + "/" + kPrivate, kMaxPem, keystore.trust()));
    return {};
  };
  SG_CHECK(read_entry(parent, name, keystore.trust(), read_files));
  auto opened = store_keys.open_private(envelope.bytes(), key.meta);
  if (!opened) {
    const Error& error = opened.error();
    return fail(error.code() == Code::refused ? Code::config : error.code(),
                parent.shown + "/" + name + "/" + kPrivate + ": " + error.what(), error.remedy());
  }
  key.pem = *std::move(opened);
  return key;
}

Status write(const EntryParent& parent, const std::string& name, const OwnKey& key,
             StoreKeys& store_keys) {
  SG_TRY(const StoreKey* const current, store_keys.current());
  SG_TRY(const auto envelope, seal_envelope(*current, key.pem, key.meta));
  return put_entry(parent, name, {{kMeta, as_bytes(key.meta), 0600}, {kPrivate, envelope, 0600}});
}

/// Calls `each` with every key there is.
template <typename Each>
Status for_all(const Keystore& keystore, StoreKeys& store_keys, Each each) {
  SG_TRY(const auto parent, find_directory(keystore));
  if (!parent) return {};
  SG_TRY(const auto names, list_entries(*parent));
  for (const std::string& name : names) {
    SG_TRY(const OwnKey key, read(keystore, *parent, name, store_keys));
    SG_CHECK(each(*parent, name, key));
  }
  return {};
}

}  // namespace

Result<std::optional<SecretBytes>> load_own_key(const Keystore& keystore, const std::string& name) {
  // Once more, if the keystore was resealed between the reading of seal.json and of the key.
  for (bool again = false;; again = true) {
    SG_TRY(const auto parent, find_directory(keystore));
    if (!parent) return std::optional<SecretBytes>();
    SG_TRY(const auto names, list_entries(*parent));
    if (!contains(names, name)) {
      return std::optional<SecretBytes>();
    }
    StoreKeys store_keys(keystore.seal_place());
    auto key = read(keystore, *parent, name, store_keys);
    if (key) return std::optional<SecretBytes>(std::move(key->pem));
    if (again || key.error().code() != Code::config) return tl::unexpected(std::move(key).error());
  }
}

Status add_own_key(const Keystore& keystore, const FileLock& held, const std::string& name,
                   const SecretBytes& pkcs8_pem) {
  (void)held;  // having it is the condition
  if (!is_name(name)) return fail(Code::usage, "not a usable name for a key: '" + name + "'");
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const EntryParent parent, make_parent(top, kOwnKeys, keystore.trust()));
  SG_TRY(const auto names, list_entries(parent));
  if (contains(names, name)) {
    return fail(Code::exists, "the keystore has a key '" + name + "' of its own already");
  }
  StoreKeys store_keys(keystore.seal_place());
  SG_TRY(SecretBytes copy, SecretBytes::copy_of(pkcs8_pem.bytes()));
  const OwnKey key{meta_of(name, ::time(nullptr)), std::move(copy)};
  return write(parent, name, key, store_keys);
}

Result<std::size_t> check_own_keys(const Keystore& keystore, StoreKeys& store_keys) {
  std::size_t count = 0;
  SG_CHECK(for_all(keystore, store_keys,
                   [&](const EntryParent&, const std::string&, const OwnKey&) -> Status {
                     ++count;
                     return {};
                   }));
  return count;
}

Status rewrite_own_keys(const Keystore& keystore, StoreKeys& store_keys) {
  return for_all(keystore, store_keys,
                 [&](const EntryParent& parent, const std::string& name, const OwnKey& key) {
                   return write(parent, name, key, store_keys);
                 });
}

}  // namespace sifguard
