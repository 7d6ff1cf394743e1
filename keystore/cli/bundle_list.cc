// sifctl bundle show|list and node list: what one bundle contains, which bundles this keystore made
// and imported, and for which nodes. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <time.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/json_values.h"
#include "keystore/base/text.h"
#include "keystore/bundle/bundle_transfer.h"
#include "keystore/bundle/serial.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/listing.h"
#include "keystore/cli/session.h"
#include "keystore/policy/policy.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/trust_store.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;
using Values = std::vector<std::string>;

/// The parts of a bundle by name.
struct Parts {
  Values bindings, keys, signers, revoked;
  std::map<std::string, std::size_t> trust;  ///< how many of each kind
};

Result<Parts> parts_of(const StoreContent& content) {
  Parts parts;
  SG_TRY(const Policy policy, parse_policy(content.images));
  for (const Binding& binding : policy.bindings) parts.bindings.push_back(binding.name);
  for (const KeyEntry& key : content.keys) parts.keys.push_back(key.record.name);
  for (const SignerEntry& signer : content.signers) parts.signers.push_back(signer.record.id);
  for (const auto& [kind, item] : content.trust) {
    ++parts.trust[std::string(trust_kind_name(kind))];
  }
  if (content.revoked.empty()) return parts;
  SG_TRY(const auto revoked, parse_revoked(content.revoked, "revoked digests"));
  for (const RevokedDigest& one : revoked) parts.revoked.push_back(one.digest);
  return parts;
}

Json trust_to_json(const Parts& parts) {
  Json counts = Json::object();
  for (const TrustKind kind : kTrustKinds) {
    const std::string name(trust_kind_name(kind));
    const auto found = parts.trust.find(name);
    counts[name] = found == parts.trust.end() ? 0 : found->second;
  }
  return counts;
}

/// What an import here would make of it.
struct Standing {
  std::int64_t last = 0;  ///< the serial that it must be above; 0 for none
  bool imported = false;  ///< it is the one whose content this keystore has
  bool ahead = false;     ///< is_of_the_future()
};

Standing standing_of(const OpenedBundle& opened, const BundleState& state) {
  const Manifest& manifest = opened.bundle.manifest;
  return {last_taken(state, opened.signer, manifest.store),
          is_imported(state, {opened.signer, manifest.store, manifest.serial}, opened.content),
          is_of_the_future(manifest, ::time(nullptr))};
}

std::string shown_standing(std::int64_t serial, const Standing& standing) {
  if (serial > standing.last && standing.ahead) {
    return "of a time that is to come by this node's clock: check both clocks";
  }
  if (serial > standing.last) return "can be imported";
  if (standing.imported) return "is what was imported last";
  const std::string taken = "serial " + std::to_string(standing.last);
  return serial == standing.last ? "cannot be imported: one of its serial was"
                                 : "too old: " + taken + " of its signer or store was imported";
}

Json to_json(const OpenedBundle& opened, const Parts& parts, const Standing& standing) {
  const Manifest& manifest = opened.bundle.manifest;
  return {{"serial", manifest.serial},
          {"store", manifest.store},
          {"created", utc_or_null(manifest.created)},
          {"signer", opened.signer},
          {"nodes", manifest.recipients},
          {"newer", manifest.serial > standing.last},
          {"ahead", standing.ahead},
          {"imported", standing.imported},
          {"taken", standing.last == 0 ? Json(nullptr) : Json(standing.last)},
          {"bindings", parts.bindings},
          {"keys", parts.keys},
          {"signers", parts.signers},
          {"trust", trust_to_json(parts)},
          {"revoked", parts.revoked}};
}

std::string shown_trust(const Parts& parts) {
  Values shown;
  for (const auto& [kind, count] : parts.trust) {
    shown.push_back(std::to_string(count) + " " + kind);
  }
  return joined(shown);
}

void print_bundle(const Session& session, const OpenedBundle& opened, const Parts& parts,
                  const Standing& standing) {
  const Manifest& manifest = opened.bundle.manifest;
  session.print_fields(
      {{"serial", std::to_string(manifest.serial)},
       {"store", manifest.store},
       {"created", manifest.created == 0 ? "unknown" : format_utc(manifest.created)},
       {"signed by", opened.signer},
       {"state", shown_standing(manifest.serial, standing)},
       {"nodes", joined(manifest.recipients)},
       {"bindings", joined(parts.bindings)},
       {"keys", joined(parts.keys)},
       {"signers", joined(parts.signers)},
       {"trust", shown_trust(parts)},
       {"revoked", joined(parts.revoked)}});
}

Status show_bundle(const Session& session, const std::string& file) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string message, read_input_text(file, 2 * kMaxPayload));
  auto opened = open_bundle(keystore, as_bytes(message));
  if (!opened) {
    Error error = name_file_kind(std::move(opened).error(), message, WantedFile::bundle);
    return tl::unexpected(std::move(error).prepend(file));
  }
  SG_TRY(const Parts parts, parts_of(opened->bundle.content));
  SG_TRY(const BundleState state, read_bundle_state(keystore));
  const Standing standing = standing_of(*opened, state);
  session.answer("bundle-content", to_json(*opened, parts, standing));
  print_bundle(session, *opened, parts, standing);
  return {};
}

/// The last that this keystore made, if it made one, and the last taken of each signer and store.
Status list_bundles(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const BundleState state, read_bundle_state(keystore));
  Listing list;
  const auto add = [&](const char* what, const TakenBundle& one, Json at, const std::string& time) {
    list.add({{"what", what},
              {"store", one.store},
              {"serial", one.serial},
              {"at", std::move(at)},
              {"signer", text_or_null(one.signer)}},
             {what, one.store, std::to_string(one.serial), time, one.signer});
  };
  if (state.exported > 0) {
    const std::string at = format_utc(state.exported_at);
    add("exported", {{}, state.store, state.exported}, at, at);
  }
  for (const TakenBundle& one : state.taken) add("imported", one, nullptr, "");
  list.show(session, "bundle-list", {"LAST", "STORE", "SERIAL", "AT", "SIGNER"});
  return {};
}

Status list_nodes(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const BundleState state, read_bundle_state(keystore));
  Listing list;
  for (const ExportedNode& one : state.nodes) {
    const std::string at = format_utc(one.at);
    const bool last = one.serial == state.exported;
    list.add({{"node", one.node},
              {"subject", one.subject},
              {"serial", one.serial},
              {"at", at},
              {"last", last}},
             {one.node, one.subject, std::to_string(one.serial), at, last ? "yes" : "no"});
  }
  list.show(session, "node-list", {"NODE", "SUBJECT", "SERIAL", "AT", "LAST"});
  return {};
}

}  // namespace

void add_bundle_list(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("show", "What one bundle has, for a node that may open it");
  const auto file = std::make_shared<std::string>();
  command->add_option("file", *file, "The bundle")->required()->type_name("FILE");
  command->footer(R"(
This opens it with this node's key, checks its signer, and says whether it is newer than what was
imported; sifctl bundle import --dry-run says what an import would change here.
  sifctl bundle show cluster.bundle --json
Exit status: 0 shown; 65 it is not for this node, not by a trusted signer, or damaged.)");
  session.on_read(command, [&session, file] { return show_bundle(session, *file); });
  command = group.add_subcommand("list", "The last bundles that this keystore made and imported");
  command->footer("\n  sifctl bundle list\n  sifctl bundle list --json");
  session.on_read(command, [&session] { return list_bundles(session); });
}

void add_node_list(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("list", "The nodes that bundles were exported for");
  command->footer(R"(
LAST says whether the last export included the node. Exports of an older sifctl are not known, and
only the node itself knows whether it has imported its bundle (sifctl node show).
  sifctl node list
  sifctl node list --json)");
  session.on_read(command, [&session] { return list_nodes(session); });
}

}  // namespace sifguard
