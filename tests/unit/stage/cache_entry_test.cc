// entry.json: what is written is read; anything else is no entry.
#include "helper/stage/cache_entry.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/stage/entries.h"

namespace sifguard {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kBoot = "01234567-89ab-cdef-0123-456789abcdef";

EntryRecord record() {
  return test::entry_record('a', 5000, std::string(64, 'c'));
}

Json good() {
  return Json::parse(entry_to_json(record(), kBoot));
}

void expect_no_entry(const std::string& text) {
  EXPECT_FALSE(entry_from_json(text, kBoot)) << text;
}

TEST(CacheEntry, IsReadAsItWasWritten) {
  const auto read = entry_from_json(entry_to_json(record(), kBoot), kBoot);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->digest, record().digest);
  EXPECT_EQ(read->keyring, record().keyring);
  EXPECT_EQ(read->key_id, record().key_id);
  EXPECT_EQ(read->sealed_key, record().sealed_key);
  EXPECT_EQ(facts_to_json(*read->facts), facts_to_json(*record().facts));
}

TEST(CacheEntry, OfAMountedImageIsReadAsItWasWritten) {
  EntryRecord mounted = record();
  mounted.release = Release::mount;
  mounted.sealed_key.clear();
  mounted.sealed_content_key = {std::byte{7}, std::byte{8}};
  const auto read = entry_from_json(entry_to_json(mounted, kBoot), kBoot);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->release, Release::mount);
  EXPECT_EQ(read->sealed_key, mounted.sealed_key);
  EXPECT_EQ(read->sealed_content_key, mounted.sealed_content_key);
}

TEST(CacheEntry, OfTheVersionBeforeIsRead) {
  Json before = good();
  EXPECT_EQ(before["version"], 4);
  before["version"] = 3;
  EXPECT_TRUE(entry_from_json(before.dump(), kBoot));
}

TEST(CacheEntry, OfAnotherBootIsNone) {
  EXPECT_FALSE(entry_from_json(entry_to_json(record(), kBoot), "another"));
  EXPECT_FALSE(entry_from_json(entry_to_json(record(), kBoot), ""));
}

TEST(CacheEntry, WithAMissingMistypedOrUnknownFieldIsNone) {
  const Json whole = good();
  for (const auto& [name, value] : whole.items()) {
    Json missing = good();
    missing.erase(name);
    expect_no_entry(missing.dump());
    for (const Json& wrong : {Json(nullptr), Json(7), Json(true), Json::array(), Json::object()}) {
      Json mistyped = good();
      mistyped[name] = wrong;
      expect_no_entry(mistyped.dump());
    }
  }
  Json more = good();
  more["more"] = "x";
  expect_no_entry(more.dump());
}

TEST(CacheEntry, WithWrongValuesIsNone) {
  const auto with = [](const char* name, const Json& value) {
    Json object = good();
    object[name] = value;
    return object.dump();
  };
  expect_no_entry(with("version", 2));
  expect_no_entry(with("version", 5));
  expect_no_entry(with("version", 4.5));
  expect_no_entry(with("version", "4"));
  expect_no_entry(with("digest", std::string(63, 'a')));
  expect_no_entry(with("digest", std::string(64, 'A')));
  expect_no_entry(with("digest", std::string(61, 'a') + "/.."));
  expect_no_entry(with("digest", ""));
  expect_no_entry(with("sealed", "0"));
  expect_no_entry(with("sealed", "zz"));
  expect_no_entry(with("content", "0"));
  expect_no_entry(with("release", ""));
  expect_no_entry(with("release", "Mount"));
  expect_no_entry(with("facts", "{}"));
  expect_no_entry(with("facts", ""));
}

TEST(CacheEntry, IsOneJsonObjectAndNothingElse) {
  const std::string text = good().dump();
  expect_no_entry("");
  expect_no_entry("null");
  expect_no_entry("[]");
  expect_no_entry(text + text);
  expect_no_entry(text + "x");
  expect_no_entry("{\"version\":4," + text.substr(1));  // a field twice
  for (std::size_t size = 0; size < text.size(); ++size) expect_no_entry(text.substr(0, size));
}

TEST(CacheEntry, ItsNameTellsDigestSignersKeyAndReleaseApart) {
  const std::string name = entry_name(record());
  EXPECT_EQ(name.substr(0, 65), record().digest + "-");
  EXPECT_EQ(name.size(), 65 + kEntryNameHash);
  EntryRecord other = record();
  other.key_id = std::string(64, 'd');
  EXPECT_NE(entry_name(other), name);
  other = record();
  other.keyring = std::string(64, '9');
  EXPECT_NE(entry_name(other), name);
  other = record();
  other.release = Release::mount;
  EXPECT_NE(entry_name(other), name);
  EXPECT_EQ(name.find('/'), std::string::npos);
}

}  // namespace
}  // namespace sifguard
