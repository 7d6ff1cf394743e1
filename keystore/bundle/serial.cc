// How bundles are kept in order. Root on nodes; the owner of the keystore in `sifctl`.
#include "keystore/bundle/serial.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "keystore/base/text.h"
#include "keystore/crypto/aead.h"
#include "keystore/store/meta.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/store_files.h"
#include "keystore/store/strict_json.h"

namespace sifguard {
namespace {

constexpr std::size_t kDigits = 16;
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kVersionWithRevoked = 2;
constexpr std::size_t kMaxState = 8UL * 1024 * 1024;  // as many as revoked.yaml may have

}  // namespace

std::string format_bundle_state(const BundleState& state) {
  const bool plain = state.revoked.empty();
  nlohmann::ordered_json object = {{"version", plain ? kVersion : kVersionWithRevoked},
                                   {"store", state.store},
                                   {"exported", state.exported},
                                   {"from", state.from},
                                   {"imported", state.imported}};
  if (!plain) object["revoked"] = state.revoked;
  return object.dump() + "\n";
}

Result<BundleState> parse_bundle_state(std::string_view text, const std::string& where) {
  StrictObject object = StrictObject::parse(text, where, kMaxState);
  const std::int64_t version = object.integer("version");
  if (version != kVersion && version != kVersionWithRevoked) object.reject("unknown version");
  BundleState state;
  state.store = object.string("store");
  state.exported = object.integer("exported");
  state.from = object.string("from");
  state.imported = object.integer("imported");
  if (version == kVersionWithRevoked) state.revoked = object.strings("revoked");
  for (const std::string& digest : state.revoked) {
    if (!is_image_digest(digest)) object.reject("bad digest");
  }
  if (!is_lower_hex(state.store, kDigits)) object.reject("bad store");
  if (!state.from.empty() && !is_lower_hex(state.from, kDigits)) object.reject("bad from");
  if (state.exported < 0 || state.imported < 0) object.reject("bad serial");
  SG_CHECK(object.finish());
  return state;
}

Result<BundleState> read_bundle_state(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  struct stat st {};
  if (::fstatat(top.fd.get(), kBundleFile, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT) {
    SG_TRY(const SecretBytes noise, random_secret(kDigits / 2));
    BundleState fresh;
    fresh.store = to_hex(noise.bytes());
    return fresh;
  }
  const std::string shown = top.shown + "/" + kBundleFile;
  SG_TRY(const std::string text,
         read_store_file(top.fd.get(), kBundleFile, shown, kMaxState, keystore.trust()));
  return parse_bundle_state(text, shown);
}

Status write_bundle_state(const Keystore& keystore, const BundleState& state) {
  SG_TRY(const EntryParent top, keystore.top());
  return replace_file(top.fd.get(), kBundleFile, format_bundle_state(state), 0600,
                      top.shown + "/" + kBundleFile);
}

}  // namespace sifguard
