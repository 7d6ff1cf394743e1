// sifctl cache list|show|verify|drop|stats: the images that this node has staged. Root, on a node.
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/human_size.h"
#include "keystore/cli/cache_program.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/listing.h"
#include "keystore/cli/session.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct CacheOptions {
  std::string config = SIFGUARD_CONFIG_FILE;
  std::vector<std::string> digests = {};
  bool all = false;
};

constexpr std::size_t kShownDigits = 12;

std::string text_of(const Json& entry, const char* field) {
  const Json& value = entry.at(field);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::string size_of(const Json& object, const char* field) {
  return human_size(object.at(field).get<std::uint64_t>());
}

std::string short_digest(const Json& entry) {
  constexpr std::size_t kAlgorithm = 7;  // "sha256:"
  return text_of(entry, "digest").substr(kAlgorithm, kShownDigits);
}

std::string who(const Json& entry) {
  const std::string name = text_of(entry, "user");
  return name.empty() ? std::to_string(entry.at("uid").get<std::uint32_t>()) : name;
}

std::string state_of(const Json& entry) {
  std::string state = entry.at("in_use").get<bool>() ? "in use" : "";
  if (!entry.at("prefetched").get<bool>()) return state;
  return state + (state.empty() ? "" : ", ") + "prefetched";
}

std::string hits_of(const Json& entry) {
  return std::to_string(entry.at("hits").get<std::uint64_t>());
}

Status list(const Session& session, const CacheOptions& options) {
  SG_TRY(const Json cache, read_node_cache(options.config));
  Listing listing;
  for (const Json& entry : cache.at("entries")) {
    listing.add(entry, {short_digest(entry), size_of(entry, "bytes"), who(entry), hits_of(entry),
                        text_of(entry, "used"), state_of(entry), text_of(entry, "staged_as")});
  }
  listing.show(session, "cached-image-list",
               {"DIGEST", "SIZE", "STAGED BY", "HITS", "LAST USED", "STATE", "AS"});
  return {};
}

void print_entry(const Session& session, const Json& entry) {
  session.print_fields({{"digest", text_of(entry, "digest")},
                        {"staged as", text_of(entry, "staged_as")},
                        {"staged by", who(entry)},
                        {"staged", text_of(entry, "staged")},
                        {"size", size_of(entry, "bytes")},
                        {"key", text_of(entry, "key")},
                        {"release", text_of(entry, "release")},
                        {"hits", hits_of(entry)},
                        {"last used", text_of(entry, "used")},
                        {"state", state_of(entry)},
                        {"entry", text_of(entry, "name")}});
}

Status show(const Session& session, const CacheOptions& options) {
  SG_TRY(const Json cache, read_node_cache(options.config));
  SG_TRY(const Json entries, entries_of(cache.at("entries"), options.digests));
  session.answer("cached-image-list", entries);
  bool first = true;
  for (const Json& entry : entries) {
    if (!std::exchange(first, false)) session.out("\n");
    print_entry(session, entry);
  }
  return {};
}

/// Entries that are named, or all.
Result<Json> wanted(const CacheOptions& options) {
  SG_TRY(const Json cache, read_node_cache(options.config));
  const Json& entries = cache.at("entries");
  return options.digests.empty() ? Result<Json>(entries) : entries_of(entries, options.digests);
}

/// Whether it is whole; null when it was dropped meanwhile.
Result<Json> verified(const CacheOptions& options, const Json& entry) {
  const auto answer = ask_cache_program(options.config, {"verify", text_of(entry, "name")});
  if (answer) return answer->at("whole");
  if (answer.error().code() == Code::absent) return Json();
  return tl::unexpected(answer.error());
}

Status verify(const Session& session, const CacheOptions& options) {
  SG_TRY(Json entries, wanted(options));
  std::size_t damaged = 0, done = 0;
  for (Json& entry : entries) {
    session.progress("reading " + std::to_string(++done) + " of " + std::to_string(entries.size()) +
                     ": " + size_of(entry, "bytes"));
    SG_TRY(entry["whole"], verified(options, entry));
    const bool bad = entry["whole"] == Json(false);
    damaged += bad ? 1 : 0;
    session.out((bad                        ? "DAMAGED "
                 : entry["whole"].is_null() ? "gone    "
                                            : "whole   ") +
                text_of(entry, "digest") + "\n");
  }
  session.answer("cache-verification", {{"whole", damaged == 0}, {"entries", entries}});
  if (damaged == 0) return {};
  session.keep_answer();
  return fail(Code::refused,
              std::to_string(damaged) + " of " + std::to_string(done) +
                  " entries are not what was verified",
              "look at the disk, and remove them: sifctl cache drop DIGEST");
}

/// False: it is in use. What is gone already counts as dropped.
Result<bool> drop_one(const Session& session, const CacheOptions& options, const Json& entry) {
  if (entry.at("in_use").get<bool>()) return false;
  if (session.dry_run) return true;
  const auto answer = ask_cache_program(options.config, {"drop", text_of(entry, "name")});
  if (answer || answer.error().code() == Code::absent) return true;
  if (answer.error().code() == Code::wrong_state) return false;
  return tl::unexpected(answer.error());
}

Error in_use(const std::string& what) {
  return {Code::wrong_state, "a job uses " + what, "try again when it has ended"};
}

Status check_unused(const Json& entries) {
  for (const Json& entry : entries) {
    if (entry.at("in_use").get<bool>()) return tl::unexpected(in_use(text_of(entry, "digest")));
  }
  return {};
}

Status drop(const Session& session, const CacheOptions& options) {
  if (options.all != options.digests.empty()) {
    return fail(Code::usage, "give either digests or --all");
  }
  SG_TRY(const Json entries, wanted(options));
  if (!options.all) SG_CHECK(check_unused(entries));
  Json dropped = Json::array(), kept = Json::array();
  for (const Json& entry : entries) {
    SG_TRY(const bool gone, drop_one(session, options, entry));
    (gone ? dropped : kept).push_back(entry);
    const std::string digest = text_of(entry, "digest");
    if (gone) session.tell("dropped", digest + ", " + size_of(entry, "bytes"));
    if (!gone) session.note("a job uses " + digest + ", which stays");
  }
  session.answer("cache-drop", {{"dropped", dropped}, {"kept", kept}});
  if (dropped.empty()) session.mark_unchanged();
  if (kept.empty() || options.all) return {};
  session.keep_answer();
  return tl::unexpected(in_use("some of them"));
}

struct UserPart {
  std::string name;
  std::uint64_t entries = 0, bytes = 0, hits = 0;
};

std::map<std::uint32_t, UserPart> parts_of(const Json& entries) {
  std::map<std::uint32_t, UserPart> parts;
  for (const Json& entry : entries) {
    UserPart& part = parts[entry.at("uid").get<std::uint32_t>()];
    part.name = who(entry);
    part.entries += 1;
    part.bytes += entry.at("bytes").get<std::uint64_t>();
    part.hits += entry.at("hits").get<std::uint64_t>();
  }
  return parts;
}

std::uint64_t count_of(const Json& entries, const char* field) {
  std::uint64_t count = 0;
  for (const Json& entry : entries) count += entry.at(field).get<bool>() ? 1 : 0;
  return count;
}

Status stats(const Session& session, const CacheOptions& options) {
  SG_TRY(const Json cache, read_node_cache(options.config));
  const Json& entries = cache.at("entries");
  UserPart all;
  Json users = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& [uid, part] : parts_of(entries)) {
    all.bytes += part.bytes;
    all.hits += part.hits;
    users.push_back({{"uid", uid},
                     {"user", part.name},
                     {"entries", part.entries},
                     {"bytes", part.bytes},
                     {"hits", part.hits}});
    rows.push_back({part.name, std::to_string(part.entries), human_size(part.bytes),
                    std::to_string(part.hits)});
  }
  const std::uint64_t in_use = count_of(entries, "in_use");
  const std::uint64_t prefetched = count_of(entries, "prefetched");
  session.answer("cache", {{"entries", entries.size()},
                           {"bytes", all.bytes},
                           {"hits", all.hits},
                           {"in_use", in_use},
                           {"prefetched", prefetched},
                           {"max_bytes", cache.at("max_bytes")},
                           {"max_bytes_per_user", cache.at("max_bytes_per_user")},
                           {"free_on_disk", cache.at("free_on_disk")},
                           {"users", users}});
  session.print_fields({{"images", std::to_string(entries.size())},
                        {"size", human_size(all.bytes) + " of " + size_of(cache, "max_bytes")},
                        {"one user's most", size_of(cache, "max_bytes_per_user")},
                        {"free on the disk", size_of(cache, "free_on_disk")},
                        {"hits", std::to_string(all.hits)},
                        {"in use", std::to_string(in_use)},
                        {"prefetched", std::to_string(prefetched)}});
  if (!rows.empty()) session.out("\n");
  if (!rows.empty()) session.print_table({"STAGED BY", "IMAGES", "SIZE", "HITS"}, rows);
  return {};
}

CLI::App* add_one(CLI::App& group, const char* name, const char* help,
                  const std::shared_ptr<CacheOptions>& options) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("--config", options->config, "The node's configuration")
      ->type_name("FILE")
      ->capture_default_str();
  return command;
}

CLI::Option* add_digests(CLI::App* command, const std::shared_ptr<CacheOptions>& options) {
  return command
      ->add_option("digests", options->digests, "Of images; the first 8 digits are enough")
      ->type_name("DIGEST");
}

void add_reading(CLI::App& group, Session& session) {
  const auto o = std::make_shared<CacheOptions>();
  auto* command = add_one(group, "list", "List the staged images, the last used first", o);
  command->footer(
      "\nHITS counts the launches that found the image here.\n  sifctl cache list\n"
      "  sifctl cache list --json");
  session.on_read(command, [&session, o] { return list(session, *o); });
  const auto shown = std::make_shared<CacheOptions>();
  command = add_one(group, "show", "Show all that is known of staged images", shown);
  add_digests(command, shown)->required();
  command->footer("\n  sifctl cache show 9f86d081");
  session.on_read(command, [&session, shown] { return show(session, *shown); });
  const auto summed = std::make_shared<CacheOptions>();
  command = add_one(group, "stats", "How full the cache is, and by whom", summed);
  command->footer("\n  sifctl cache stats");
  session.on_read(command, [&session, summed] { return stats(session, *summed); });
}

void add_verify(CLI::App& group, Session& session) {
  const auto o = std::make_shared<CacheOptions>();
  auto* command = add_one(group, "verify", "Read staged images, and compare their digests", o);
  add_digests(command, o);
  command->footer(R"(
Without a digest all are read. The bytes must be those that were verified when the image was staged: a
difference means a defect of the disk, or that somebody with root's rights has changed the file.
  sifctl cache verify
  sifctl cache verify 9f86d081
Exit status: 0 all are whole, 65 one is not.)");
  session.on_read(command, [&session, o] { return verify(session, *o); });
}

void add_drop(CLI::App& group, Session& session) {
  const auto o = std::make_shared<CacheOptions>();
  auto* command = add_one(group, "drop", "Remove staged images", o);
  add_digests(command, o);
  command->add_flag("--all", o->all, "All that no job uses");
  Session::offer_dry_run(command);
  command->footer(R"(
The next launch stages the image again. What a job uses stays: with --all that is no error.
  sifctl cache drop 9f86d081
  sifctl cache drop --all --dry-run
Exit status: 0 done, 66 no such image, 79 a job uses it.)");
  session.on_change(command, [&session, o] { return drop(session, *o); });
}

}  // namespace

void add_cache_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("cache", "The images that this node has staged");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  add_reading(*group, session);
  add_verify(*group, session);
  add_drop(*group, session);
}

}  // namespace sifguard
