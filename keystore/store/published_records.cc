// Which images were published here, and from which images. The owner of the keystore, in `sifctl`
// and sifguard-publish.
#include "keystore/store/published_records.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/store/meta.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/single_file.h"

namespace sifguard {
namespace {

constexpr std::int64_t kRecordsVersion = 1;
constexpr std::size_t kMaxRecords = 16UL * 1024 * 1024;

Result<PublishedRecord> read_record(StrictObject& item) {
  PublishedRecord record;
  record.name = item.string("name");
  record.digest = item.string("digest");
  record.since = item.integer("since");
  StrictObject source = item.object("source");
  record.source_path = source.string("path");
  record.source_digest = source.string("digest");
  record.source_key = source.string("key");
  record.source_signers = source.strings("signers");
  if (!is_name(record.name)) item.reject("bad name");
  if (!is_image_digest(record.digest)) item.reject("bad digest");
  if (!is_image_digest(record.source_digest)) source.reject("bad digest");
  if (!record.source_key.empty() && !is_lower_hex(record.source_key, 64)) source.reject("bad key");
  SG_CHECK(item.finish());
  SG_CHECK(source.finish());
  return record;
}

Result<std::vector<PublishedRecord>> read_records(const Keystore& keystore,
                                                  const EntryParent& top) {
  SG_TRY(const auto text, find_file(top, kPublishedRecords, kMaxRecords, keystore.trust()));
  if (!text) return std::vector<PublishedRecord>();
  return parse_published(*text, top.shown + "/" + kPublishedRecords);
}

void erase(std::vector<PublishedRecord>& all, const std::string& name) {
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const PublishedRecord& one) { return one.name == name; }),
            all.end());
}

Status write(const EntryParent& top, const std::vector<PublishedRecord>& all) {
  const std::string shown = top.shown + "/" + kPublishedRecords;
  const std::string text = format_published(all);
  if (text.size() > kMaxRecords) return fail(Code::wrong_state, shown + " would be too large");
  if (const auto again = parse_published(text, shown); !again) {
    return fail(Code::usage, again.error().what());
  }
  return put_file(top, kPublishedRecords, text);
}

}  // namespace

std::string format_published(const std::vector<PublishedRecord>& records) {
  auto list = nlohmann::ordered_json::array();
  for (const PublishedRecord& one : records) {
    list.push_back({{"name", one.name},
                    {"digest", one.digest},
                    {"since", one.since},
                    {"source",
                     {{"path", one.source_path},
                      {"digest", one.source_digest},
                      {"key", one.source_key},
                      {"signers", one.source_signers}}}});
  }
  const nlohmann::ordered_json all = {{"version", kRecordsVersion}, {"images", list}};
  return all.dump(1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<std::vector<PublishedRecord>> parse_published(std::string_view text,
                                                     const std::string& where) {
  StrictObject object = StrictObject::parse(text, where, {.max_bytes = kMaxRecords});
  (void)read_version(object, kRecordsVersion, kRecordsVersion);
  auto items = object.objects("images");
  SG_CHECK(object.finish());
  std::vector<PublishedRecord> records;
  for (StrictObject& item : items) {
    SG_TRY(PublishedRecord record, read_record(item));
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::vector<PublishedRecord>> published_records(const Keystore& keystore) {
  SG_TRY(const EntryParent top, keystore.top());
  return read_records(keystore, top);
}

Status add_published(const Keystore& keystore, PublishedRecord record) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(auto all, read_records(keystore, top));
  erase(all, record.name);
  record.since = ::time(nullptr);
  all.push_back(std::move(record));
  return write(top, all);
}

Status remove_published(const Keystore& keystore, const std::string& name) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(auto all, read_records(keystore, top));
  const std::size_t before = all.size();
  erase(all, name);
  return all.size() == before ? Status() : write(top, all);
}

}  // namespace sifguard
