// sifctl image publish|unpublish|published. Runs with the rights of the admin.
//
// Verifying and re-encrypting is the work of sifguard-publish, which this process becomes: sifctl
// itself reads no image. What is published is a binding "published-NAME" with one path and a
// digest.
#include "keystore/cli/image_publish.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/argv.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/cli/confirm.h"
#include "keystore/policy/config.h"
#include "keystore/policy/images_edit.h"
#include "keystore/policy/policy.h"
#include "keystore/store/images_file.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::string_view kPrefix = "published-";

struct PublishOptions {
  std::string image, name, config = SIFGUARD_CONFIG_FILE;
  bool dry_run = false, yes = false;
};

void offer_config(CLI::App* command, PublishOptions& options) {
  command->add_option("--config", options.config, "The node's configuration")
      ->type_name("FILE")
      ->capture_default_str();
}

Status publish(const Session& session, const PublishOptions& options) {
  const std::string program = own_program("sifguard-publish");
  SG_CHECK(check_trusted_program(program, Session::trust()));
  SG_TRY(const std::string keystore, session.absolute_keystore_directory());
  std::vector<std::string> words = {program, "--keystore=" + keystore,
                                    "--config=" + options.config};
  if (!options.name.empty()) words.push_back("--name=" + options.name);
  if (options.dry_run) words.emplace_back("--dry-run");
  if (session.json) words.emplace_back("--json");
  words.emplace_back("--");
  words.push_back(options.image);
  const std::vector<char*> argv = argv_of(words);
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char locale[] = "LC_ALL=C.UTF-8";
  char* const environment[] = {path, locale, nullptr};
  ::execve(program.c_str(), argv.data(), environment);
  return fail_errno(Code::unavailable, "cannot start " + program, errno);
}

bool is_published(const Binding& binding, const Config& config) {
  return binding.name.starts_with(kPrefix) && binding.match.size() == 1 && binding.digest &&
         binding.match.front().starts_with(config.published + "/");
}

Result<std::vector<Binding>> published(const std::string& images, const Config& config) {
  SG_TRY(const Policy policy, parse_policy(images));
  std::vector<Binding> found;
  std::copy_if(policy.bindings.begin(), policy.bindings.end(), std::back_inserter(found),
               [&](const Binding& binding) { return is_published(binding, config); });
  return found;
}

Status destroy_key(Keystore& keystore, const Session& session, const std::string& name) {
  SG_TRY(KeyRecord key, keystore.find_key(name));
  if (key.image.empty()) return {};  // an admin's own binding: not ours to destroy
  if (key.state == KeyState::active) {
    SG_TRY(key, keystore.step_key(key.id, KeyStep::retire));
  }
  if (key.state != KeyState::destroyed) {
    SG_TRY(key, keystore.step_key(key.id, KeyStep::destroy));
  }
  session.out("key " + key.name + " destroyed\n");
  return {};
}

Status unpublish(const Session& session, const PublishOptions& options) {
  SG_TRY(const Config config, load_config(options.config, Session::trust()));
  SG_TRY(Keystore keystore, session.keystore());
  const std::string wanted = std::string(kPrefix) + options.name;
  const auto find = [&]() -> Result<std::pair<std::string, Binding>> {
    SG_TRY(std::string text, images_or_none(keystore));
    SG_TRY(const auto all, published(text, config));
    for (const Binding& binding : all) {
      if (binding.name == wanted) return std::pair(std::move(text), binding);
    }
    return fail(Code::usage, "nothing is published as '" + printable(options.name, 100) + "'",
                "see sifctl image published");
  };
  SG_TRY(const auto seen, find());
  const std::string path = seen.second.match.front();
  if (!options.yes) {
    SG_CHECK(confirm("The file " + path + " and the key that opens it will be gone for good.",
                     options.name));
  }
  {
    SG_TRY(const FileLock held, lock_images(keystore));
    SG_TRY(const auto again, find());
    SG_TRY(const std::string changed, remove_binding(again.first, wanted));
    SG_CHECK(keystore.replace_images_text(changed));
  }
  session.out("unbound " + wanted + "\n");
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return fail_errno(Code::cannot_write, "cannot remove " + path, errno);
  }
  session.out("removed " + path + "\n");
  return seen.second.key ? destroy_key(keystore, session, *seen.second.key) : Status();
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
    const std::string name = binding.name.substr(kPrefix.size());
    json.push_back({{"name", name},
                    {"path", binding.match.front()},
                    {"there", there},
                    {"bytes", there ? Json(st.st_size) : Json(nullptr)},
                    {"digest", *binding.digest},
                    {"key", binding.key ? Json(*binding.key) : Json(nullptr)}});
    rows.push_back({name, binding.match.front(), there ? std::to_string(st.st_size) : "missing",
                    binding.digest->substr(0, 19), binding.key.value_or("-")});
  }
  if (session.json) {
    session.print_json(json);
  } else {
    session.print_table({"NAME", "PATH", "BYTES", "DIGEST", "KEY"}, rows);
  }
  return {};
}

}  // namespace

void add_publish_commands(CLI::App& image, Session& session) {
  const auto o = std::make_shared<PublishOptions>();
  auto* command = image.add_subcommand("publish", "Put an image where nodes run it in place");
  command->footer(R"(
Verifies the image under the one binding that matches it, encrypts its volume key to a new key of
this image alone, signs it with the site's key and installs it in `published` of sifguard.yaml,
which root alone may change. Nodes run it there, without a copy, and need no key but the image's own.
The binding published-NAME takes over everything but signer and key.
  sifctl image publish /apps/secure/lolcow.sif
  sifctl image publish /apps/secure/lolcow.sif --name lolcow-2 --dry-run)");
  command->add_option("image", o->image, "The image")->required()->type_name("IMAGE");
  command->add_option("--name", o->name, "Published as NAME.sif; else as the image is called")
      ->type_name("NAME");
  command->add_flag("--dry-run", o->dry_run, "Verify, and change nothing");
  offer_config(command, *o);
  session.offer_json(command);
  session.on(command, [&session, o] { return publish(session, *o); });

  command = image.add_subcommand("unpublish", "Remove a published image, its binding and its key");
  command->footer("\nJobs that run it go on.\n  sifctl image unpublish lolcow");
  command->add_option("name", o->name, "As in `sifctl image published`")
      ->required()
      ->type_name("NAME");
  command->add_flag("--yes", o->yes, "Do not ask");
  offer_config(command, *o);
  session.on(command, [&session, o] { return unpublish(session, *o); });

  command = image.add_subcommand("published", "List the published images");
  command->footer("\n  sifctl image published --json");
  offer_config(command, *o);
  session.offer_json(command);
  session.on(command, [&session, o] { return list(session, *o); });
}

}  // namespace sifguard
