// sifctl image publish|published. Runs with the rights of the admin.
//
// Verifying and re-encrypting is the work of sifguard-publish, a process of its own: sifctl itself
// reads no image. A published image is a binding "published-NAME" with one path and a
// digest.
#include "keystore/cli/commands.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/json_tree.h"
#include "keystore/base/text.h"
#include "keystore/cli/publish_program.h"
#include "keystore/cli/session.h"
#include "keystore/policy/config.h"
#include "keystore/policy/policy.h"
#include "keystore/store/images_file.h"
#include "keystore/store/published_name.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct PublishOptions {
  std::string image, name, config = SIFGUARD_CONFIG_FILE;
  bool dry_run = false;
};

void offer_config(CLI::App* command, PublishOptions& options) {
  command->add_option("--config", options.config, "The node's configuration")
      ->type_name("FILE")
      ->capture_default_str();
}

Status publish(const Session& session, const PublishOptions& options) {
  SG_TRY(const std::string keystore, session.absolute_keystore_directory());
  std::vector<std::string> words = {"--keystore=" + keystore, "--config=" + options.config};
  if (!options.name.empty()) words.push_back("--name=" + options.name);
  if (options.dry_run) words.emplace_back("--dry-run");
  if (session.json) words.emplace_back("--json");
  words.emplace_back("--");
  words.push_back(options.image);
  if (!session.json) return run_publish_program(words, nullptr);
  std::string said;
  SG_CHECK(run_publish_program(words, &said));
  auto made = json_tree<Json>(said, {.code = Code::internal});
  if (!made) return tl::unexpected(std::move(made).error().prepend("sifguard-publish's answer"));
  session.answer("publication", *std::move(made));
  return {};
}

Result<std::vector<Binding>> published(const std::string& images, const Config& config) {
  SG_TRY(const Policy policy, parse_policy(images));
  std::vector<Binding> found;
  std::copy_if(policy.bindings.begin(), policy.bindings.end(), std::back_inserter(found),
               [&](const Binding& binding) { return is_published(binding, config); });
  return found;
}

Status list(const Session& session, const PublishOptions& options) {
  SG_TRY(const Config config, load_config(options.config, Session::trust()));
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string text, images_or_none(keystore));
  SG_TRY(const auto all, published(text, config));
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const Binding& binding : all) {
    struct stat st {};
    const bool there = ::stat(binding.match.front().c_str(), &st) == 0;
    const std::string name = published_name(binding);
    json.push_back({{"name", name},
                    {"path", binding.match.front()},
                    {"there", there},
                    {"bytes", there ? Json(st.st_size) : Json(nullptr)},
                    {"digest", *binding.digest},
                    {"key", binding.key ? Json(*binding.key) : Json(nullptr)}});
    rows.push_back({name, binding.match.front(), there ? std::to_string(st.st_size) : "missing",
                    binding.digest->substr(0, 19), binding.key.value_or("-")});
  }
  session.answer("published-image-list", std::move(json));
  session.print_table({"NAME", "PATH", "BYTES", "DIGEST", "KEY"}, rows);
  return {};
}

}  // namespace

void add_image_publish(CLI::App& image, Session& session) {
  const auto o = std::make_shared<PublishOptions>();
  auto* command = image.add_subcommand("publish", "Put an image where nodes run it in place");
  command->footer(R"(
This verifies the image under the one binding that matches it, encrypts its volume key for a new key of
only this image, signs it with the site's key and installs it in `published` of sifguard.yaml,
which only root may change. Nodes run it there, without a copy, and need only the key of this image.
The new binding published-NAME is like that binding, except for signer and key.
  sifctl image publish /apps/secure/lolcow.sif
  sifctl image publish /apps/secure/lolcow.sif --name lolcow-2 --dry-run)");
  command->add_option("image", o->image, "The image")->required()->type_name("IMAGE");
  command->add_option("--name", o->name, "Published as NAME.sif; else as the image is called")
      ->type_name("NAME");
  command->add_flag("--dry-run", o->dry_run, "Verify, and change nothing");
  offer_config(command, *o);
  session.on_change(command, [&session, o] { return publish(session, *o); });

  add_image_unpublish(image, session);

  command = image.add_subcommand("published", "List the published images");
  command->footer("\n  sifctl image published --json");
  offer_config(command, *o);
  session.on_read(command, [&session, o] { return list(session, *o); });
}

}  // namespace sifguard
