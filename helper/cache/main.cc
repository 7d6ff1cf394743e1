// sifguard-cache: the work of `sifctl cache`, which starts it. Root, on a node.
//
//   sifguard-cache [--config FILE] list | verify NAME | drop NAME
//
// One JSON object on standard output. On failure there is one line on standard error, which sifctl
// repeats, and the exit status tells the kind of error.
#include <signal.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "helper/process/limit_root.h"
#include "helper/stage/cache.h"
#include "helper/tools/tool.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/one_line.h"
#include "keystore/base/secret.h"
#include "keystore/base/text.h"
#include "keystore/policy/config.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct CacheOptions {
  std::string config = SIFGUARD_CONFIG_FILE;
  std::string name;
};

Json to_json(const EntryView& entry) {
  const bool encrypted = !entry.key_id.empty();
  return {{"name", entry.name},
          {"digest", "sha256:" + entry.digest},
          {"staged_as", entry.staged_as.empty() ? Json() : Json(printable(entry.staged_as))},
          {"key", encrypted ? Json(entry.key_id) : Json()},
          {"release", encrypted ? Json(release_name(entry.release)) : Json()},
          {"bytes", entry.bytes},
          {"uid", entry.staged_by},
          {"hits", entry.hits},
          {"staged", format_utc(entry.staged_s)},
          {"used", format_utc(entry.used_s)},
          {"in_use", entry.in_use},
          {"prefetched", entry.prefetched}};
}

Result<ImageCache> open_cache(const CacheOptions& options) {
  SG_TRY(const Config config, load_config(options.config, Trust{0}));
  return ImageCache::open(config.cache, config.cache_max_bytes, config.cache_max_bytes_per_user);
}

Result<Json> list(const CacheOptions& options) {
  SG_TRY(const ImageCache cache, open_cache(options));
  SG_TRY(const auto views, cache.survey());
  SG_TRY(const CacheRoom room, cache.room());
  Json entries = Json::array();
  for (const EntryView& view : views) entries.push_back(to_json(view));
  return Json{{"entries", entries},
              {"max_bytes", room.most},
              {"max_bytes_per_user", room.most_per_user},
              {"free_on_disk", room.free_on_disk}};
}

Result<Json> verify(const CacheOptions& options) {
  SG_TRY(const ImageCache cache, open_cache(options));
  SG_TRY(const bool whole, cache.is_whole(options.name));
  return Json{{"whole", whole}};
}

Result<Json> drop(const CacheOptions& options) {
  SG_TRY(const ImageCache cache, open_cache(options));
  SG_CHECK(cache.drop(options.name));
  return Json{{"dropped", options.name}};
}

CLI::App* add_named(CLI::App& app, const char* name, CacheOptions& options) {
  auto* command = app.add_subcommand(name);
  command->add_option("name", options.name)->required()->type_name("NAME");
  return command;
}

int complain(const Error& error) {
  std::fprintf(stderr, "%s\n", one_line(error.line()).c_str());
  return command_status(error);
}

int run(int argc, char** argv) {
  Tool tool("sifctl");
  Status ready = harden_process();
  if (ready) ready = limit_root();
  if (!ready) return complain(ready.error());
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  CacheOptions options;
  CLI::App app{"The work of sifctl cache.", "sifguard-cache"};
  app.add_option("--config", options.config)->type_name("FILE");
  app.require_subcommand(1);
  const auto* listing = app.add_subcommand("list");
  const auto* verifying = add_named(app, "verify", options);
  add_named(app, "drop", options);
  int status = 0;
  if (!tool.parse(app, argc, argv, status)) return status;
  const auto answer = listing->parsed()     ? list(options)
                      : verifying->parsed() ? verify(options)
                                            : drop(options);
  if (!answer) return complain(answer.error());
  tool.print_json(*answer);
  return tool.finish();
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  return sifguard::run_tool("sifctl", sifguard::run, argc, argv);
}
