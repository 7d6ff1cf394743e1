// Images that must not run any more, by digest. Root on nodes; the owner of the keystore in
// `sifctl`.
#include "keystore/store/revoked_digests.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/store/meta.h"
#include "keystore/store/single_file.h"

namespace sifguard {
namespace {

constexpr std::int64_t kDigestsVersion = 1;
constexpr std::size_t kMaxReason = 500;
constexpr std::size_t kMaxDigests = 8UL * 1024 * 1024;
constexpr std::size_t kDigits = 64;
constexpr std::string_view kDigestPrefix = "sha256:";

template <typename All>
auto find(All& all, std::string_view digest) {
  return std::find_if(all.begin(), all.end(),
                      [&](const RevokedDigest& one) { return one.digest == digest; });
}

Result<std::vector<RevokedDigest>> read_digests(const Keystore& keystore, const EntryParent& top) {
  SG_TRY(const auto text, find_file(top, kRevokedDigests, kMaxDigests, keystore.trust()));
  if (!text) return std::vector<RevokedDigest>();
  return parse_revoked(*text, top.shown + "/" + kRevokedDigests);
}

Status write(const EntryParent& top, const std::vector<RevokedDigest>& revoked) {
  const std::string text = format_revoked(revoked);
  if (text.size() > kMaxDigests) return fail(Code::wrong_state, "too many digests are revoked");
  return put_file(top, kRevokedDigests, text);
}

}  // namespace

Status check_revocable(const RevokedDigest& one) {
  if (!is_image_digest(one.digest)) {
    return fail(Code::usage, "not a digest: '" + one.digest + "'",
                "write sha256: and 64 lower-case hexadecimal digits");
  }
  const bool line = std::none_of(one.reason.begin(), one.reason.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (one.reason.empty() || one.reason.size() > kMaxReason || !line || !is_utf8(one.reason)) {
    return fail(Code::usage, "the reason must be one line of at most 500 characters",
                "refused users will read it");
  }
  return {};
}

bool is_image_digest(std::string_view text) noexcept {
  return text.starts_with(kDigestPrefix) &&
         is_lower_hex(text.substr(kDigestPrefix.size()), kDigits);
}

std::string format_revoked(const std::vector<RevokedDigest>& revoked) {
  auto list = nlohmann::ordered_json::array();
  for (const RevokedDigest& one : revoked) {
    list.push_back({{"digest", one.digest}, {"since", one.since}, {"reason", one.reason}});
  }
  const nlohmann::ordered_json all = {{"version", kDigestsVersion}, {"digests", list}};
  return all.dump(1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<std::vector<RevokedDigest>> parse_revoked(std::string_view text, const std::string& where) {
  StrictObject object = StrictObject::parse(text, where, {.max_bytes = kMaxDigests});
  (void)read_version(object, kDigestsVersion, kDigestsVersion);
  auto items = object.objects("digests");
  SG_CHECK(object.finish());
  std::vector<RevokedDigest> revoked;
  for (StrictObject& item : items) {
    RevokedDigest one;
    one.digest = item.string("digest");
    one.since = item.integer("since");
    one.reason = item.string("reason");
    if (const auto good = check_revocable(one); !good) item.reject(good.error().what());
    SG_CHECK(item.finish());
    revoked.push_back(std::move(one));
  }
  return revoked;
}

Result<std::vector<RevokedDigest>> revoked_digests(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  return read_digests(keystore, top);
}

Result<Keystore::Added> revoke_digest(const Keystore& keystore, RevokedDigest revoked) {
  SG_CHECK(check_revocable(revoked));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(auto all, read_digests(keystore, top));
  if (find(all, revoked.digest) != all.end()) return Keystore::Added::unchanged;
  if (revoked.since == 0) revoked.since = ::time(nullptr);
  all.push_back(std::move(revoked));
  SG_CHECK(write(top, all));
  return Keystore::Added::added;
}

std::vector<RevokedDigest> with_revoked(std::vector<RevokedDigest> all,
                                        const std::vector<RevokedDigest>& more) {
  for (const RevokedDigest& one : more) {
    if (find(all, one.digest) == all.end()) all.push_back(one);
  }
  return all;
}

Status add_revoked_digests(const Keystore& keystore, const std::vector<RevokedDigest>& more) {
  if (more.empty()) return {};
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(auto all, read_digests(keystore, top));
  return write(top, with_revoked(std::move(all), more));
}

Result<bool> restore_digest(const Keystore& keystore, const std::string& digest) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(auto all, read_digests(keystore, top));
  const auto found = find(all, digest);
  if (found == all.end()) return false;
  all.erase(found);
  SG_CHECK(write(top, all));
  return true;
}

Status check_not_revoked(const std::vector<RevokedDigest>& all, std::string_view digest) {
  const auto found = find(all, digest);
  if (found == all.end()) return {};
  return fail(Code::denied,
              "this image was revoked on " + format_utc(found->since) + ": " +
                  printable(found->reason, kMaxReason),
              "use a newer one");
}

}  // namespace sifguard
