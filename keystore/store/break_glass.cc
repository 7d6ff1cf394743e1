// Leave for one user to pass what one binding allows. Root on nodes; the owner of the keystore in
// `sifctl`.
#include "keystore/store/break_glass.h"

#include <fcntl.h>
#include <time.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/crypto/aead.h"
#include "keystore/store/meta.h"
#include "keystore/store/single_file.h"

namespace sifguard {
namespace {

constexpr std::int64_t kGrantsVersion = 2;  // 1 knew no conditions
constexpr std::int64_t kLongest = std::int64_t{24} * 3600;
constexpr std::size_t kMaxText = 500;
constexpr std::size_t kMaxGrants = std::size_t{1} << 20U;
constexpr std::string_view kIdPrefix = "bg-";

bool is_line(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxText && is_utf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Status check_grant(const BreakGlassGrant& grant) {
  if (!grant.id.starts_with(kIdPrefix) || !is_lower_hex(grant.id.substr(kIdPrefix.size()), 16)) {
    return fail(Code::usage, "bad id");
  }
  if (!grant.conditions.empty() && !is_lower_hex(grant.conditions, 64)) {
    return fail(Code::usage, "bad digest of conditions");
  }
  if (!is_name(grant.binding)) return fail(Code::usage, "bad name of a binding");
  if (!is_line(grant.user) || !is_line(grant.by)) return fail(Code::usage, "bad user");
  if (!is_line(grant.reason)) {
    return fail(Code::usage, "the reason must be one line of 1 to 500 bytes");
  }
  if (grant.since <= 0 || grant.until <= grant.since || grant.until - grant.since > kLongest) {
    return fail(Code::usage, "it must last up to 24 hours");
  }
  return {};
}

Result<std::vector<BreakGlassGrant>> read(const Keystore& keystore, const EntryParent& top) {
  SG_TRY(const auto text, find_file(top, kBreakGlassFile, kMaxGrants, keystore.trust()));
  if (!text) return std::vector<BreakGlassGrant>{};
  return parse_grants(*text, top.shown + "/" + kBreakGlassFile);
}

Status write(const EntryParent& top, const std::vector<BreakGlassGrant>& grants) {
  const std::string text = format_grants(grants);
  if (text.size() > kMaxGrants) return fail(Code::wrong_state, "too many grants");
  return put_file(top, kBreakGlassFile, text);
}

}  // namespace

std::string format_grants(const std::vector<BreakGlassGrant>& grants) {
  auto list = nlohmann::ordered_json::array();
  for (const BreakGlassGrant& one : grants) {
    list.push_back({{"id", one.id},
                    {"binding", one.binding},
                    {"user", one.user},
                    {"since", one.since},
                    {"until", one.until},
                    {"reason", one.reason},
                    {"by", one.by},
                    {"conditions", one.conditions}});
  }
  const nlohmann::ordered_json all = {{"version", kGrantsVersion}, {"grants", list}};
  return all.dump(1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<std::vector<BreakGlassGrant>> parse_grants(std::string_view text, const std::string& where) {
  StrictObject object = StrictObject::parse(text, where, {.max_bytes = kMaxGrants});
  const std::int64_t version = read_version(object, 1, kGrantsVersion);
  auto items = object.objects("grants");
  SG_CHECK(object.finish());
  std::vector<BreakGlassGrant> grants;
  for (StrictObject& item : items) {
    BreakGlassGrant one;
    one.id = item.string("id");
    one.binding = item.string("binding");
    one.user = item.string("user");
    one.since = item.integer("since");
    one.until = item.integer("until");
    one.reason = item.string("reason");
    one.by = item.string("by");
    if (version == kGrantsVersion) one.conditions = item.string("conditions");
    if (const auto good = check_grant(one); !good) item.reject(good.error().what());
    SG_CHECK(item.finish());
    grants.push_back(std::move(one));
  }
  return grants;
}

Result<std::vector<BreakGlassGrant>> break_glass_grants(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  return read(keystore, top);
}

Result<BreakGlassGrant> add_grant(const Keystore& keystore, BreakGlassGrant grant) {
  SG_TRY(const SecretBytes noise, random_secret(8));
  grant.id = std::string(kIdPrefix) + to_hex(noise.bytes());
  SG_CHECK(check_grant(grant));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(auto all, read(keystore, top));
  const std::int64_t now = ::time(nullptr);
  std::erase_if(all, [&](const BreakGlassGrant& one) { return one.until <= now; });
  all.push_back(grant);
  SG_CHECK(write(top, all));
  return grant;
}

Result<BreakGlassGrant> end_grant(const Keystore& keystore, const std::string& id) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(auto all, read(keystore, top));
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const BreakGlassGrant& one) { return one.id == id; });
  if (found == all.end()) {
    return fail(Code::absent, "there is no grant '" + printable(id, 100) + "'",
                "see sifctl breakglass list");
  }
  BreakGlassGrant ended = *found;
  all.erase(found);
  SG_CHECK(write(top, all));
  return ended;
}

Result<std::vector<BreakGlassGrant>> void_grants(
    const Keystore& keystore, const std::function<bool(const BreakGlassGrant&)>& fit) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(auto all, read(keystore, top));
  const std::int64_t now = ::time(nullptr);
  std::vector<BreakGlassGrant> gone;
  for (BreakGlassGrant& one : all) {
    if (one.until <= now || one.conditions.empty() || fit(one)) continue;
    gone.push_back(one);
    one.conditions.clear();
  }
  if (!gone.empty()) SG_CHECK(write(top, all));
  return gone;
}

}  // namespace sifguard
