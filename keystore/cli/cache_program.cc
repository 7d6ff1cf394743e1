// Starting sifguard-cache. Root, on a node.
#include "keystore/cli/cache_program.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "keystore/base/accounts.h"
#include "keystore/base/fd.h"
#include "keystore/base/json_tree.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostEntries = std::size_t{32} << 20U;  // bytes of the answer
constexpr int kTimeoutMs = 3'600'000;  // a large image on a slow disk is read whole
constexpr std::size_t kLeastDigits = 8, kDigits = 64;
constexpr std::string_view kAlgorithm = "sha256:";

Json user_name(std::map<std::uint32_t, Json>& known, std::uint32_t uid) {
  const auto found = known.find(uid);
  if (found != known.end()) return found->second;
  const auto account = find_account(static_cast<uid_t>(uid));
  return known[uid] = account && *account ? Json((*account)->name) : Json();
}

bool is_prefix(std::string_view digits) {
  return digits.size() >= kLeastDigits && digits.size() <= kDigits &&
         digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::string> prefix_of(const std::string& typed) {
  std::string lower = to_lower(typed);
  if (lower.starts_with(kAlgorithm)) lower.erase(0, kAlgorithm.size());
  if (is_prefix(lower)) return std::string(kAlgorithm) + lower;
  return fail(Code::usage, "not a digest: '" + printable(typed, 200) + "'",
              "write at least its first 8 hexadecimal digits, as `sifctl cache list` shows them");
}

/// Adds the matching entries to `all`.
Status add_matching(const Json& entries, const std::string& typed, Json& all) {
  SG_TRY(const std::string prefix, prefix_of(typed));
  std::set<std::string> digests;
  for (const Json& entry : entries) {
    const auto digest = entry.at("digest").get<std::string>();
    if (!digest.starts_with(prefix)) continue;
    digests.insert(digest);
    if (std::find(all.begin(), all.end(), entry) == all.end()) all.push_back(entry);
  }
  if (digests.size() == 1) return {};
  if (digests.empty()) {
    return fail(Code::absent, "no image in the cache has the digest " + printable(typed, 200),
                "see sifctl cache list");
  }
  return fail(Code::absent, "images of several digests begin with " + printable(typed, 200),
              "give more digits");
}

}  // namespace

Result<Json> ask_cache_program(const std::string& config, const std::vector<std::string>& words) {
  if (::geteuid() != 0) {
    return fail(Code::denied, "only root may look into the cache of a node",
                "run it as root on the node");
  }
  ProgramRun run;
  run.program = own_program("sifguard-cache");
  run.arguments = {"--config=" + config};
  run.arguments.insert(run.arguments.end(), words.begin(), words.end());
  run.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
  run.output_limit = kMostEntries;
  run.timeout_ms = kTimeoutMs;
  run.tells_code = true;
  SG_TRY(const SecretBytes said, run_program(run));
  auto json = json_tree<Json>(as_text(said.bytes()), {.max_bytes = kMostEntries});
  if (!json || !json->is_object()) return fail(Code::internal, run.program + " gave no answer");
  return *std::move(json);
}

Result<Json> read_node_cache(const std::string& config) {
  SG_TRY(Json cache, ask_cache_program(config, {"list"}));
  std::map<std::uint32_t, Json> known;
  for (Json& entry : cache.at("entries")) {
    entry["user"] = user_name(known, entry.at("uid").get<std::uint32_t>());
  }
  return cache;
}

Result<Json> entries_of(const Json& entries, const std::vector<std::string>& digests) {
  Json found = Json::array();
  for (const std::string& digest : digests) SG_CHECK(add_matching(entries, digest, found));
  return found;
}

}  // namespace sifguard
