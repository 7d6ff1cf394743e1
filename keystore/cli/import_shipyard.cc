// sifctl import shipyard: imports the signed images of a Batch Shipyard configuration. Runs with
// the rights of the admin.
//
// Everything is read and checked first: the configuration, signers' key files, the keys of the
// encrypted images, the resulting bindings. Then it adds signers, keys and their rules, and writes
// images.yaml last; after an interruption the next run finds what exists already.
#include "keystore/cli/commands.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"
#include "keystore/cli/audience_options.h"
#include "keystore/cli/bind_plan.h"
#include "keystore/cli/binding_json.h"
#include "keystore/cli/breakglass.h"
#include "keystore/cli/key_file.h"
#include "keystore/cli/password.h"
#include "keystore/cli/session.h"
#include "keystore/cli/signer_output.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/policy/image_pattern.h"
#include "keystore/policy/shipyard.h"
#include "keystore/store/images_file.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxConfig = std::size_t{4} << 20U;
constexpr std::size_t kMaxKeyFileSize = 256UL * 1024;

struct ImportShipyardOptions {
  std::string file, certificates;
  PasswordSource password;
  AudienceOptions audience;
};

/// A key pair of the directory with certificates, under the name that it will have.
struct FoundKey {
  std::string name, thumbprint;
  KeyFile file;
};

/// All that is to be done, found sound.
struct Plan {
  std::vector<NewSigner> signers;
  std::vector<FoundKey> keys;
  std::vector<Binding> bindings;
  std::map<std::string, KeyRule> rules;  ///< to be set, by the key's name
  std::string images;                    ///< the new text of images.yaml
  std::vector<std::string> skipped;
  std::vector<std::string> unsigned_now;                   ///< images whose signer's key has ended
  std::vector<std::pair<std::string, std::string>> bound;  ///< already: the binding, the image
};

tl::unexpected<Error> at(const ImportShipyardOptions& options, const ShipyardImage& image,
                         const Error& error) {
  const std::string what =
      options.file + ":" + std::to_string(image.line) + ": " + image.image + ": " + error.what();
  // What is wrong with the image's name stands in the file, not on the command line.
  if (error.code() == Code::usage) return fail(Code::config, what, error.remedy());
  return tl::unexpected(error.reworded(what, error.remedy()));
}

/// "library://sylabs/tests/lolcow:1.0" → "lolcow-1.0"; with a number if that is taken.
std::string binding_name(const std::string& image, const std::vector<Binding>& others,
                         const Policy& policy) {
  std::string stem = image.substr(image.rfind('/') + 1);
  for (char& c : stem) {
    if (!is_name(std::string("x") + c)) c = '-';
  }
  stem = stem.substr(0, 56);
  if (!is_name(stem)) stem = "image" + stem;
  std::string name = stem;
  const auto taken = [&](const Binding& binding) { return binding.name == name; };
  for (int number = 2; std::any_of(others.begin(), others.end(), taken) ||
                       std::any_of(policy.bindings.begin(), policy.bindings.end(), taken);
       ++number) {
    name = stem + "-" + std::to_string(number);
  }
  return name;
}

/// Opens the files of the directory until the certificate is found.
class Certificates {
 public:
  explicit Certificates(const ImportShipyardOptions& options) : options_(options) {}

  Result<std::optional<KeyFile>> find(const std::string& thumbprint) {
    if (options_.certificates.empty()) return std::nullopt;
    SG_TRY(const auto names, list_names(options_.certificates));
    std::string trouble;
    for (const std::string& name : names) {
      const std::string path = options_.certificates + "/" + name;
      if (!name.ends_with(".pfx") && !name.ends_with(".p12") && !name.ends_with(".pem")) continue;
      auto opened = open(path);
      if (!opened) {
        if (opened.error().code() != Code::refused) return tl::unexpected(opened.error());
        trouble += "; " + path + ": " + opened.error().what();
        continue;
      }
      if (!opened->certificate) continue;
      SG_TRY(const std::string own, certificate_thumbprint(*opened->certificate));
      if (own == thumbprint) return std::optional(*std::move(opened));
    }
    return fail(Code::no_input, "no file in " + options_.certificates + " is the certificate " +
                                    thumbprint + trouble);
  }

 private:
  Result<KeyFile> open(const std::string& path) {
    SG_TRY(SecretBytes raw, read_input_secret(path, kMaxKeyFileSize));
    SG_TRY(const SecretBytes data, private_pem_form(std::move(raw)));
    if (wants_password(data) && !password_) {
      SG_TRY(password_, options_.password.read(options_.certificates));
    }
    return open_private_file(data, password_ ? &*password_ : nullptr);
  }

  const ImportShipyardOptions& options_;
  std::optional<SecretBytes> password_;
};

/// What each image needs, added to the plan.
class Planner {
 public:
  Planner(const ImportShipyardOptions& options, const Keystore& keystore, const Policy& policy)
      : options_(options), keystore_(keystore), policy_(policy), certificates_(options) {}

  /// `text` is that of images.yaml now.
  Result<Plan> plan(const std::vector<ShipyardImage>& images, std::string text) {
    plan_.images = std::move(text);
    SG_TRY(keys_, keystore_.keys());
    SG_TRY(allow_, options_.audience.allow());
    SG_TRY(deny_, options_.audience.deny());
    for (const ShipyardImage& image : images) {
      if (!image.is_signed) {
        plan_.skipped.push_back(image.image);
        continue;
      }
      if (auto added = add(image); !added) return at(options_, image, added.error());
    }
    return std::move(plan_);
  }

 private:
  Status add(const ShipyardImage& image) {
    SG_TRY(const bool signs, add_signer(image));
    if (!signs) {
      plan_.unsigned_now.push_back(image.image);
      return {};
    }
    SG_TRY(const std::string pattern, canonical_pattern(image.image));
    if (const Binding* const same = find_bound(image, pattern)) {
      plan_.bound.emplace_back(same->name, image.image);
      return {};
    }
    Binding binding;
    binding.name = binding_name(image.image, plan_.bindings, policy_);
    binding.match = {pattern};
    binding.signers.any_of = {image.fingerprint};
    binding.allow = allow_;
    binding.deny = deny_;
    std::string key;
    if (image.thumbprint) {
      SG_TRY(key, key_for(*image.thumbprint, binding.name));
    }
    SG_TRY(BindPlan bind, plan_bind(plan_.images, binding, key, keys_));
    if (bind.rule) {
      // What the next binding of the key is held against.
      const auto changed = std::find_if(keys_.begin(), keys_.end(), [&](const KeyRecord& each) {
        return each.id == bind.key->id;
      });
      changed->rule = *bind.rule;
      plan_.rules[bind.key->name] = *std::move(bind.rule);
    }
    plan_.images = std::move(bind.images);
    plan_.bindings.push_back(std::move(binding));
    return {};
  }

  /// The binding that says the same of the image, whomever it allows; null if there is none.
  [[nodiscard]] const Binding* find_bound(const ShipyardImage& image,
                                          const std::string& pattern) const {
    SignerRequirement signers;
    signers.any_of = {image.fingerprint};
    const auto same_key = [&](const Binding& binding) {
      if (!binding.key || !image.thumbprint) return !binding.key && !image.thumbprint;
      return std::any_of(keys_.begin(), keys_.end(), [&](const KeyRecord& key) {
        return key.thumbprint == *image.thumbprint && refers_to(*binding.key, key);
      });
    };
    const auto found =
        std::find_if(policy_.bindings.begin(), policy_.bindings.end(), [&](const Binding& binding) {
          return binding.match == std::vector{pattern} && binding.signers == signers &&
                 same_key(binding);
        });
    return found == policy_.bindings.end() ? nullptr : &*found;
  }

  /// Whether its signatures still count; what says that they do not is taken all the same.
  Result<bool> add_signer(const ShipyardImage& image) {
    if (!image.key_file) {
      if (keystore_.find_signer(image.fingerprint)) return true;
      return fail(Code::absent, "the keystore lacks the signer " + image.fingerprint,
                  "sifctl signer add FILE, or sifctl signer fetch");
    }
    // Shipyard reads the name against its configuration directory.
    const auto above = std::filesystem::path(options_.file).parent_path();
    const std::string path = (above / *image.key_file).string();
    SG_TRY(std::string raw, read_input_text(path, kMaxSignerFile));
    const std::string data = plain_text(std::move(raw));
    auto opened = read_openpgp_signer(keystore_, data, image.fingerprint);
    if (!opened) {
      Error error = name_file_kind(std::move(opened).error(), data, WantedFile::openpgp_key);
      return tl::unexpected(std::move(error).prepend(path));
    }
    const bool signs = opened->ended.empty();
    const auto same = [&](const NewSigner& one) {
      return one.record.id == opened->record.id && one.key == opened->key;
    };
    if (std::none_of(plan_.signers.begin(), plan_.signers.end(), same)) {
      plan_.signers.push_back(*std::move(opened));
    }
    return signs;
  }

  Result<std::string> key_for(const std::string& thumbprint, const std::string& name) {
    const auto held = std::find_if(keys_.begin(), keys_.end(), [&](const KeyRecord& key) {
      return key.thumbprint == thumbprint;
    });
    if (held != keys_.end()) return held->name;
    SG_TRY(auto file, certificates_.find(thumbprint));
    if (!file) {
      return fail(Code::absent, "the keystore has no key with the thumbprint " + thumbprint,
                  "sifctl key import its PFX file, or name the directory with it: --certs DIR");
    }
    SG_TRY(const RsaPublicKey half, file->private_key->public_key());
    KeyRecord record;
    SG_TRY(record.id, half.id());
    record.name = name;
    record.thumbprint = thumbprint;
    record.has_private = true;
    keys_.push_back(std::move(record));
    plan_.keys.push_back({name, thumbprint, *std::move(file)});
    return name;
  }

  const ImportShipyardOptions& options_;
  const Keystore& keystore_;
  const Policy& policy_;
  Certificates certificates_;
  std::vector<KeyRecord> keys_;
  Audience allow_;
  std::optional<Audience> deny_;
  Plan plan_;
};

nlohmann::ordered_json to_json(const Plan& plan) {
  Json bindings = Json::array();
  for (const Binding& binding : plan.bindings) bindings.push_back(binding_to_json(binding));
  Json keys = Json::array();
  for (const FoundKey& key : plan.keys) {
    keys.push_back({{"name", key.name}, {"thumbprint", key.thumbprint}});
  }
  Json signers = Json::array();
  for (const NewSigner& signer : plan.signers) signers.push_back(signer.record.id);
  Json bound = Json::array();
  for (const auto& [binding, image] : plan.bound) {
    bound.push_back({{"binding", binding}, {"image", image}});
  }
  return {{"bindings", bindings},       {"keys", keys},
          {"signers", signers},         {"bound_already", bound},
          {"not_signed", plan.skipped}, {"signer_ended", plan.unsigned_now}};
}

/// Only now is anything changed. Whether a signer or a key is new.
Result<bool> carry_out(Session& session, Keystore& keystore, const Plan& plan) {
  bool changed = !plan.keys.empty() || !plan.rules.empty();
  for (const NewSigner& signer : plan.signers) {
    SG_TRY(const PutSigner put, put_signer(keystore, signer));
    if (put.outcome == Keystore::Added::added) {
      session.tell_as("signer " + signer.record.id + " added", "added",
                      "signer " + signer.record.id);
      changed = true;
    }
    SG_CHECK(tell_news(session, keystore, signer, put));
  }
  for (const FoundKey& key : plan.keys) {
    SG_TRY(const auto added, keystore.add_key({key.name, &*key.file.private_key, nullptr,
                                               key.file.certificate.get()}));
    const std::string& name = added.record.name;
    session.tell_as("key " + name + " added, thumbprint " + key.thumbprint, "added",
                    "key " + name + ", thumbprint " + key.thumbprint);
  }
  for (const auto& [name, rule] : plan.rules) {
    if (session.dry_run) break;  // the key may be one of those above
    SG_TRY(const KeyRecord key, keystore.find_key(name));
    SG_CHECK(keystore.set_key_rule(key.id, rule));
  }
  SG_CHECK(keystore.replace_images_text(plan.images));
  for (const Binding& binding : plan.bindings) {
    session.tell("bound", binding.name + ": " + printable(binding.match.front()));
  }
  return changed;
}

Status import(Session& session, const ImportShipyardOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const std::string yaml, read_input_text(options.file, kMaxConfig));
  const auto images = parse_shipyard(yaml, options.file);
  if (!images) {
    return tl::unexpected(name_file_kind(images.error(), yaml, WantedFile::shipyard));
  }
  SG_TRY(const FileLock held, lock_images(keystore));
  SG_TRY(const std::string text, images_or_none(keystore));
  SG_TRY(const Policy policy, parse_policy(text.empty() ? kEmptyImages : std::string_view(text)));
  SG_TRY(const Plan plan, Planner(options, keystore, policy).plan(*images, text));
  for (const std::string& image : plan.skipped) {
    session.note("not signed, so not imported: " + image);
  }
  for (const std::string& image : plan.unsigned_now) {
    session.note("its signer's key has expired, so not imported: " + image);
  }
  for (const auto& [binding, image] : plan.bound) {
    session.note("bound already, by '" + binding + "', and left as it is: " + image);
  }
  session.answer("shipyard-import", to_json(plan));
  SG_CHECK(void_break_glass(session, keystore, text, plan.images));
  SG_TRY(const bool changed, carry_out(session, keystore, plan));
  if (!changed && text == plan.images) session.unchanged("everything is already here");
  if (session.dry_run) {
    session.out(std::to_string(plan.bindings.size()) + " images would be bound, " +
                std::to_string(plan.keys.size()) + " keys added, not done: --dry-run\n");
  }
  return {};
}

}  // namespace

void add_import_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("import", "Import another system's configuration");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  auto* command = group->add_subcommand("shipyard", "Batch Shipyard's signed Singularity images");
  command->footer(R"(
Of config.yaml, global_resources.singularity_images is read: each signed image is bound to its signer
(whose key file, if it names one, is added) and to the key with its sha1_thumbprint, which must be in
the keystore or among the PFX and PEM files of --certs, all under one password. Shipyard knows no users:
say who may run the images. Unsigned images are named and left out.
  sifctl import shipyard config.yaml --certs certs --password-file pw --allow-group bio
  sifctl import shipyard config.yaml --everyone --dry-run)");
  const auto options = std::make_shared<ImportShipyardOptions>();
  command->add_option("file", options->file, "Shipyard's config.yaml")
      ->required()
      ->type_name("FILE");
  command->add_option("--certs", options->certificates, "Directory with .pfx and .pem files")
      ->type_name("DIR");
  options->password.offer(command);
  Session::offer_dry_run(command, "Check everything, and change nothing");
  options->audience.offer(*command);
  session.on_change(command, [&session, options] { return import(session, *options); });
}

}  // namespace sifguard
