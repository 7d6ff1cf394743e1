// How bundles are kept in order. Root on nodes; the owner of the keystore in `sifctl`.
#include "keystore/bundle/serial.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/bundle/bundle.h"
#include "keystore/crypto/aead.h"
#include "keystore/crypto/digest.h"
#include "keystore/store/meta.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/single_file.h"

namespace sifguard {
namespace {

constexpr std::size_t kSerialDigits = 16;
constexpr std::int64_t kFirstVersion = 1;
constexpr std::int64_t kVersionWithRevoked = 2;
constexpr std::int64_t kVersionWithTaken = 3;
constexpr std::int64_t kVersionWithNodes = 4;
constexpr std::int64_t kVersion = 5;
constexpr std::size_t kMaxState = 8UL * 1024 * 1024;  // as many as revoked.json may have

bool is_store(const std::string& name) {
  return is_lower_hex(name, kSerialDigits);
}

Result<TakenBundle> taken_from(StrictObject& object) {
  TakenBundle one;
  one.signer = object.string("signer");
  one.store = object.string("store");
  one.serial = object.integer("serial");
  if (!one.signer.empty() && !is_lower_hex(one.signer, kCertificateDigits)) {
    object.reject("bad signer");
  }
  if (!is_store(one.store)) object.reject("bad store");
  if (one.serial <= 0) object.reject("bad serial");
  SG_CHECK(object.finish());
  return one;
}

Result<ExportedNode> node_from(StrictObject& object) {
  ExportedNode one;
  one.node = object.string("node");
  one.subject = object.string("subject");
  one.serial = object.integer("serial");
  one.at = object.integer("at");
  if (!is_lower_hex(one.node, kCertificateDigits)) object.reject("bad node");
  if (one.serial <= 0 || one.at < 0) object.reject("bad serial");
  SG_CHECK(object.finish());
  return one;
}

/// What version 1 says.
void take_first(StrictObject& object, BundleState& state) {
  state.store = object.string("store");
  state.exported = object.integer("exported");
  state.from = object.string("from");
  state.imported = object.integer("imported");
  if (!is_store(state.store)) object.reject("bad store");
  if (!state.from.empty() && !is_store(state.from)) object.reject("bad from");
  if (state.exported < 0 || state.imported < 0) object.reject("bad serial");
}

void take_revoked(StrictObject& object, BundleState& state) {
  state.revoked = object.strings("revoked");
  for (const std::string& digest : state.revoked) {
    if (!is_image_digest(digest)) object.reject("bad digest");
  }
}

void forget_oldest(std::vector<ExportedNode>& nodes) {
  nodes.erase(std::min_element(
      nodes.begin(), nodes.end(),
      [](const ExportedNode& a, const ExportedNode& b) { return a.serial < b.serial; }));
}

void take_content(StrictObject& object, BundleState& state) {
  state.content = object.string("content");
  if (!state.content.empty() && !is_lower_hex(state.content, 2 * sizeof(Sha256Digest))) {
    object.reject("bad content");
  }
}

/// Earlier versions had the time in the serial, and the store's name alone.
void complete(BundleState& state) {
  state.exported_at = state.exported;
  if (state.imported > 0 && !state.from.empty()) {
    state.taken.push_back({{}, state.from, state.imported});
  }
}

}  // namespace

std::int64_t last_taken(const BundleState& state, const std::string& signer,
                        const std::string& store) {
  std::int64_t last = 0;
  for (const TakenBundle& one : state.taken) {
    if (one.signer == signer || one.store == store) last = std::max(last, one.serial);
  }
  return last;
}

bool record_taken(BundleState& state, const TakenBundle& bundle) {
  for (TakenBundle& one : state.taken) {
    if (one.signer != bundle.signer || one.store != bundle.store) continue;
    if (one.serial >= bundle.serial) return false;
    one.serial = bundle.serial;
    return true;
  }
  state.taken.push_back(bundle);
  return true;
}

bool is_imported(const BundleState& state, const TakenBundle& bundle, const std::string& content) {
  return !content.empty() && content == state.content && bundle.store == state.from &&
         bundle.serial == state.imported &&
         bundle.serial == last_taken(state, bundle.signer, bundle.store);
}

bool record_exported(BundleState& state, const ExportedNode& node) {
  const auto place = std::lower_bound(
      state.nodes.begin(), state.nodes.end(), node.node,
      [](const ExportedNode& one, const std::string& name) { return one.node < name; });
  if (place != state.nodes.end() && place->node == node.node) {
    if (place->serial >= node.serial) return false;
    *place = node;
    return true;
  }
  state.nodes.insert(place, node);
  if (state.nodes.size() > kMaxExportedNodes) forget_oldest(state.nodes);
  return true;
}

std::string format_bundle_state(const BundleState& state) {
  auto taken = nlohmann::ordered_json::array();
  for (const TakenBundle& one : state.taken) {
    taken.push_back({{"signer", one.signer}, {"store", one.store}, {"serial", one.serial}});
  }
  auto nodes = nlohmann::ordered_json::array();
  for (const ExportedNode& one : state.nodes) {
    nodes.push_back(
        {{"node", one.node}, {"subject", one.subject}, {"serial", one.serial}, {"at", one.at}});
  }
  const nlohmann::ordered_json object = {{"version", kVersion},
                                         {"store", state.store},
                                         {"exported", state.exported},
                                         {"exported_at", state.exported_at},
                                         {"from", state.from},
                                         {"imported", state.imported},
                                         {"content", state.content},
                                         {"revoked", state.revoked},
                                         {"taken", taken},
                                         {"nodes", nodes}};
  return object.dump() + "\n";
}

Result<BundleState> parse_bundle_state(std::string_view text, const std::string& where) {
  StrictObject object = StrictObject::parse(text, where, {.max_bytes = kMaxState});
  const std::int64_t version = read_version(object, kFirstVersion, kVersion);
  BundleState state;
  take_first(object, state);
  if (version >= kVersionWithRevoked) take_revoked(object, state);
  std::vector<StrictObject> taken;
  std::vector<StrictObject> nodes;
  if (version >= kVersionWithTaken) {
    state.exported_at = object.integer("exported_at");
    if (state.exported_at < 0) object.reject("bad exported_at");
    taken = object.objects("taken");
  } else {
    complete(state);
  }
  if (version >= kVersionWithNodes) nodes = object.objects("nodes");
  if (version == kVersion) take_content(object, state);
  SG_CHECK(object.finish());
  for (StrictObject& one : taken) {
    SG_TRY(const TakenBundle bundle, taken_from(one));
    record_taken(state, bundle);
  }
  for (StrictObject& one : nodes) {
    SG_TRY(const ExportedNode node, node_from(one));
    record_exported(state, node);
  }
  return state;
}

Result<BundleState> read_bundle_state(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const auto text, find_file(top, kBundleFile, kMaxState, keystore.trust()));
  if (!text) {
    SG_TRY(const SecretBytes noise, random_secret(kSerialDigits / 2));
    BundleState fresh;
    fresh.store = to_hex(noise.bytes());
    return fresh;
  }
  return parse_bundle_state(*text, top.shown + "/" + kBundleFile);
}

Status write_bundle_state(const Keystore& keystore, const BundleState& state) {
  SG_TRY(const EntryParent top, keystore.top());
  return put_file(top, kBundleFile, format_bundle_state(state));
}

}  // namespace sifguard
