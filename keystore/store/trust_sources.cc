// The sources of `sifctl trust fetch`, and its results. The owner of the keystore in `sifctl`.
#include "keystore/store/trust_sources.h"

#include <nlohmann/json.hpp>

#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/store/meta.h"
#include "keystore/store/single_file.h"

namespace sifguard {
namespace {

using nlohmann::ordered_json;

constexpr const char* kTrustDirectory = "trust";
constexpr const char* kSources = "sources.json";
constexpr const char* kFetched = "fetched.json";
constexpr std::int64_t kSourcesVersion = 1;
constexpr std::size_t kMaxSources = 4UL * 1024 * 1024;
constexpr std::size_t kSourceDigits = 64;

/// nullopt when there is no such file.
Result<std::optional<std::string>> read(const Keystore& keystore, const char* name) {
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const auto trust, find_parent(top, kTrustDirectory, keystore.trust()));
  if (!trust) return std::nullopt;
  return find_file(*trust, name, kMaxSources, keystore.trust());
}

Status write(const Keystore& keystore, const char* name, const ordered_json& value) {
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const EntryParent trust, make_parent(top, kTrustDirectory, keystore.trust()));
  discard_leftover_files(trust);
  const std::string text = value.dump(1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
  return put_file(trust, name, text);
}

std::string shown(const Keystore& keystore, const char* name) {
  return keystore.directory() + "/" + kTrustDirectory + "/" + name;
}

Result<FetchedRecord> record_from(StrictObject& object) {
  FetchedRecord one;
  one.kind = object.string("kind");
  one.name = object.string("name");
  one.subject = object.string("subject");
  one.from = object.integer("from");
  one.until = object.integer("until");
  one.at = object.integer("at");
  if (one.kind != "crl" && one.kind != "response") object.reject("unknown kind");
  if (!is_lower_hex(one.name, kSourceDigits)) object.reject("not the name of a file");
  SG_CHECK(object.finish());
  return one;
}

}  // namespace

Result<TrustSources> trust_sources(const Keystore& keystore) {
  SG_TRY(const auto text, read(keystore, kSources));
  if (!text) return TrustSources();
  return parse_trust_sources(*text, shown(keystore, kSources));
}

Result<TrustSources> parse_trust_sources(std::string_view text, const std::string& where) {
  TrustSources sources;
  StrictObject object = StrictObject::parse(text, where, {.max_bytes = kMaxSources});
  (void)read_version(object, kSourcesVersion, kSourcesVersion);
  sources.crl = object.strings("crl");
  sources.ocsp = object.strings("ocsp");
  sources.hosts = object.strings("hosts");
  sources.proxy = object.string("proxy");
  SG_CHECK(object.finish());
  return sources;
}

Status set_trust_sources(const Keystore& keystore, const TrustSources& sources) {
  SG_TRY(const FileLock held, keystore.lock());
  return write(keystore, kSources,
               {{"version", kSourcesVersion},
                {"crl", sources.crl},
                {"ocsp", sources.ocsp},
                {"hosts", sources.hosts},
                {"proxy", sources.proxy}});
}

Result<std::vector<FetchedRecord>> fetched_records(const Keystore& keystore) {
  std::vector<FetchedRecord> records;
  SG_TRY(const auto text, read(keystore, kFetched));
  if (!text) return records;
  StrictObject object =
      StrictObject::parse(*text, shown(keystore, kFetched), {.max_bytes = kMaxSources});
  (void)read_version(object, kSourcesVersion, kSourcesVersion);
  auto items = object.objects("items");
  SG_CHECK(object.finish());
  for (StrictObject& item : items) {
    SG_TRY(FetchedRecord one, record_from(item));
    records.push_back(std::move(one));
  }
  return records;
}

Status set_fetched_records(const Keystore& keystore, const std::vector<FetchedRecord>& records) {
  auto items = ordered_json::array();
  for (const FetchedRecord& one : records) {
    items.push_back({{"kind", one.kind},
                     {"name", one.name},
                     {"subject", one.subject},
                     {"from", one.from},
                     {"until", one.until},
                     {"at", one.at}});
  }
  return write(keystore, kFetched, {{"version", kSourcesVersion}, {"items", items}});
}

}  // namespace sifguard
