// sifctl image unpublish. Runs with the rights of the admin.
//
// The file goes first, its keys next and the binding last: between any two steps launches of the
// image are refused, and after an interruption the same command finds what is left. An image
// without a binding, because publishing was interrupted or somebody unbound it, is found by its
// names.
#include "keystore/cli/commands.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "keystore/base/text.h"
#include "keystore/base/tree.h"
#include "keystore/cli/breakglass.h"
#include "keystore/cli/confirm.h"
#include "keystore/cli/session.h"
#include "keystore/policy/images_edit.h"
#include "keystore/store/images_file.h"
#include "keystore/store/published_name.h"
#include "keystore/store/published_records.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

struct ImageUnpublishOptions {
  std::string name, config = SIFGUARD_CONFIG_FILE;
  bool yes = false;
};

/// What there is of a published image.
struct Remains {
  std::string images;  ///< the text of images.yaml
  std::optional<Binding> binding;
  std::string path;
  bool file = false;
  std::vector<KeyRecord> keys;  ///< that are not destroyed yet
};

tl::unexpected<Error> nothing(const std::string& name) {
  return fail(Code::absent, "nothing is published as '" + printable(name, 100) + "'",
              "see sifctl image published");
}

/// Another binding may be for what would go.
Status check_others(const Remains& remains, const Policy& policy) {
  for (const Binding& other : policy.bindings) {
    if (remains.binding && other.name == remains.binding->name) continue;
    const bool same_key =
        std::any_of(remains.keys.begin(), remains.keys.end(),
                    [&](const KeyRecord& key) { return other.key && refers_to(*other.key, key); });
    const bool same_file =
        !remains.binding && remains.file &&
        std::any_of(other.match.begin(), other.match.end(), [&](const std::string& pattern) {
          return matches_text(pattern, remains.path);
        });
    if (!same_key && !same_file) continue;
    return fail(Code::wrong_state,
                "the binding '" + other.name + "' is for " +
                    (same_key ? "the key of the image" : printable(remains.path)) + ", too",
                "sifctl image unbind " + other.name + ", or remove the file by hand");
  }
  return {};
}

Result<Remains> find_remains(const Keystore& keystore, const Config& config,
                             const std::string& name) {
  const std::string binding_name = published_binding(name);
  if (!is_name(binding_name)) return nothing(name);
  Remains remains;
  remains.path = published_path(config, name);
  SG_TRY(remains.images, images_or_none(keystore));
  SG_TRY(const Policy policy,
         parse_policy(remains.images.empty() ? kEmptyImages : std::string_view(remains.images)));
  for (const Binding& each : policy.bindings) {
    if (each.name == binding_name && is_published(each, config)) remains.binding = each;
  }
  struct stat st {};
  remains.file = ::lstat(remains.path.c_str(), &st) == 0;
  SG_TRY(const auto keys, keystore.keys());
  for (const KeyRecord& key : keys) {
    const bool named = remains.binding && remains.binding->key &&
                       refers_to(*remains.binding->key, key) && !key.image.empty();
    if (!named && !is_key_of_published(key, name)) continue;
    if (key.state != KeyState::destroyed) remains.keys.push_back(key);
  }
  if (!remains.binding && !remains.file && remains.keys.empty()) return nothing(name);
  SG_CHECK(check_others(remains, policy));
  return remains;
}

Status remove_image(const Config& config, const Remains& remains) {
  if (!remains.file) return {};
  const UniqueFd directory = open_directory(config.published);
  const std::string name = remains.path.substr(config.published.size() + 1);
  if (!directory.valid() ||
      (::unlinkat(directory.get(), name.c_str(), 0) != 0 && errno != ENOENT)) {
    return fail_errno(Code::internal, "cannot remove " + remains.path, errno);
  }
  return sync_change(directory.get(), config.published);
}

Status destroy_key(const Session& session, Keystore& keystore, KeyRecord key) {
  if (key.state == KeyState::active) {
    SG_TRY(key, keystore.step_key(key.id, KeyStep::retire));
    if (session.dry_run) return {};  // what is retired can be destroyed
  }
  SG_TRY(key, keystore.step_key(key.id, KeyStep::destroy));
  return {};
}

std::string warning_of(const Remains& remains) {
  std::string what = remains.file ? "The file " + remains.path : "";
  for (const KeyRecord& key : remains.keys) {
    what += (what.empty() ? "The key " : " and the key ") + key.name;
  }
  if (what.empty()) what = "The binding " + remains.binding->name;
  return what + " will be gone for good.";
}

nlohmann::ordered_json to_json(const std::string& name, const Remains& remains) {
  auto keys = nlohmann::ordered_json::array();
  for (const KeyRecord& key : remains.keys) keys.push_back(key.name);
  const auto or_null = [](bool is, const std::string& text) {
    return is ? nlohmann::ordered_json(text) : nlohmann::ordered_json();
  };
  const bool bound = remains.binding.has_value();
  return {{"name", name},
          {"removed", or_null(remains.file, remains.path)},
          {"destroyed_keys", keys},
          {"unbound", or_null(bound, bound ? remains.binding->name : "")}};
}

Status unpublish(const Session& session, const ImageUnpublishOptions& options) {
  SG_TRY(const Config config, load_config(options.config, Session::trust()));
  SG_TRY(Keystore keystore, session.keystore());
  if (!options.yes && !session.dry_run) {
    SG_TRY(const Remains seen, find_remains(keystore, config, options.name));
    SG_CHECK(confirm(warning_of(seen), options.name));
  }
  SG_TRY(const FileLock held, lock_images(keystore));
  SG_TRY(const Remains remains, find_remains(keystore, config, options.name));
  session.answer("unpublication", to_json(options.name, remains));
  if (!session.dry_run) SG_CHECK(remove_image(config, remains));
  if (remains.file) session.tell("removed", remains.path);
  for (const KeyRecord& key : remains.keys) {
    SG_CHECK(destroy_key(session, keystore, key));
    session.tell_as("key " + key.name + " destroyed", "destroyed", "key " + key.name);
  }
  SG_CHECK(remove_published(keystore, options.name));
  if (!remains.binding) return {};
  SG_TRY(const std::string changed, remove_binding(remains.images, remains.binding->name));
  SG_CHECK(void_break_glass(session, keystore, remains.images, changed));
  SG_CHECK(keystore.replace_images_text(changed));
  session.tell("unbound", remains.binding->name);
  return {};
}

}  // namespace

void add_image_unpublish(CLI::App& image, Session& session) {
  const auto options = std::make_shared<ImageUnpublishOptions>();
  auto* command =
      image.add_subcommand("unpublish", "Remove a published image, its binding and its key");
  command->footer(R"(
Running jobs continue. After an interruption of this command, or of publishing, it removes what is left.
  sifctl image unpublish lolcow)");
  command->add_option("name", options->name, "As in `sifctl image published`")
      ->required()
      ->type_name("NAME");
  command->add_flag("--yes", options->yes, "Do not ask");
  command->add_option("--config", options->config, "The node's configuration")
      ->type_name("FILE")
      ->capture_default_str();
  Session::offer_dry_run(command);
  session.on_closing(command, [&session, options] { return unpublish(session, *options); });
}

}  // namespace sifguard
