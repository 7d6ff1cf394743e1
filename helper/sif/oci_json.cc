// The JSON documents of an OCI image. Runs where oci_json.h says.
#include "helper/sif/oci_json.h"

#include <algorithm>
#include <optional>
#include <set>

#include "helper/sif/oci_media_types.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"

namespace sifguard::sif {
namespace {

/// A layer of the largest manifest has five values; histories of configurations are longer.
constexpr JsonRules kRules = {
    .code = Code::refused, .max_bytes = kMaxOciDocument, .max_values = 16384};
constexpr std::uint32_t kSchemaVersion = 2;

std::string optional_string(StrictObject& object, const char* field) {
  return object.has_value(field) ? object.string(field) : std::string();
}

std::vector<std::string> optional_strings(StrictObject& object, const char* field) {
  return object.has_value(field) ? object.strings(field) : std::vector<std::string>();
}

std::map<std::string, std::string> annotations(StrictObject& object) {
  if (!object.has_value("annotations")) return {};
  return object.texts("annotations");
}

/// Both kinds of document begin alike.
void read_head(StrictObject& object, std::string_view media_type) {
  if (object.number<std::uint32_t>("schemaVersion") != kSchemaVersion) {
    object.reject("the schema version is not 2");
  }
  const std::string said = optional_string(object, "mediaType");
  if (!said.empty() && said != media_type) {
    object.reject("it calls itself '" + said + "', not '" + std::string(media_type) + "'");
  }
}

Result<OciReference> read_reference(StrictObject& object, bool of_index) {
  OciReference reference;
  reference.media_type = object.string("mediaType");
  reference.digest = object.string("digest");
  reference.size = object.number<std::uint64_t>("size");
  reference.annotations = annotations(object);
  if (of_index) {
    reference.artifact_type = optional_string(object, "artifactType");
    if (object.has_value("platform")) (void)object.object("platform");
  }
  if (!is_oci_digest(reference.digest)) {
    object.reject("the digest '" + reference.digest + "' is not sha256: and 64 lower-case digits");
  }
  SG_CHECK(object.finish());
  return reference;
}

Result<std::vector<OciReference>> read_references(std::vector<StrictObject> objects,
                                                  bool of_index) {
  std::vector<OciReference> list;
  for (StrictObject& one : objects) {
    SG_TRY(OciReference reference, read_reference(one, of_index));
    list.push_back(std::move(reference));
  }
  return list;
}

/// What has no value is no variable; SingularityCE leaves it out as well.
std::vector<std::string> variables(std::vector<std::string> all, StrictObject& object) {
  std::erase_if(all, [](const std::string& one) { return one.find('=') == std::string::npos; });
  std::set<std::string_view> names;
  for (const std::string_view one : all) {
    const std::string_view name = one.substr(0, one.find('='));
    if (name.empty()) object.reject("field 'Env' has a variable without a name");
    if (!names.insert(name).second) {
      object.reject("field 'Env' has the variable '" + std::string(name) + "' twice");
    }
  }
  return all;
}

/// They go into argument vectors and environments.
void check_texts(const OciConfig& config, StrictObject& object) {
  std::size_t words = 1;
  std::size_t bytes = config.working_dir.size();
  bool nul = config.working_dir.find('\0') != std::string::npos;
  for (const auto* list : {&config.env, &config.entrypoint, &config.cmd}) {
    words += list->size();
    for (const std::string& word : *list) {
      bytes += word.size();
      nul |= word.find('\0') != std::string::npos;
    }
  }
  if (nul) object.reject("a command, variable or directory has a NUL byte");
  if (words > kMaxOciWords || bytes > kMaxOciText) {
    object.reject("its command and variables have more than " + std::to_string(kMaxOciWords) +
                  " words or " + std::to_string(kMaxOciText) + " bytes");
  }
  if (!config.working_dir.empty() && !config.working_dir.starts_with('/')) {
    object.reject("the working directory '" + config.working_dir + "' is not absolute");
  }
}

/// The part that says how to run it.
Status read_execution(StrictObject object, OciConfig& config) {
  config.env = variables(optional_strings(object, "Env"), object);
  config.entrypoint = optional_strings(object, "Entrypoint");
  config.cmd = optional_strings(object, "Cmd");
  config.working_dir = optional_string(object, "WorkingDir");
  check_texts(config, object);
  object.ignore_others({"Env", "Entrypoint", "Cmd", "WorkingDir"});
  return object.finish();
}

Status read_layers(StrictObject object, OciConfig& config) {
  if (object.string("type") != "layers") object.reject("the type is not 'layers'");
  config.diff_ids = object.strings("diff_ids");
  return object.finish();
}

bool is_plain_name(std::string_view text) {
  return text.size() <= 16 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

}  // namespace

bool is_oci_digest(std::string_view text) noexcept {
  constexpr std::string_view kAlgorithm = "sha256:";
  constexpr std::size_t kDigits = 64;
  return text.size() == kAlgorithm.size() + kDigits && text.starts_with(kAlgorithm) &&
         text.find_first_not_of("0123456789abcdef", kAlgorithm.size()) == std::string_view::npos;
}

Result<std::vector<OciReference>> parse_oci_index(std::string_view text) {
  StrictObject root = StrictObject::parse(text, "the OCI root index", kRules);
  read_head(root, kOciIndexType);
  (void)annotations(root);
  auto manifests = root.objects("manifests");
  SG_CHECK(root.finish());
  return read_references(std::move(manifests), true);
}

Result<OciManifest> parse_oci_manifest(std::string_view text, std::string_view media_type) {
  StrictObject root = StrictObject::parse(text, "the OCI manifest", kRules);
  OciManifest manifest;
  read_head(root, media_type);
  manifest.artifact_type = optional_string(root, "artifactType");
  (void)annotations(root);
  StrictObject config = root.object("config");
  auto layers = root.objects("layers");
  SG_CHECK(root.finish());
  SG_TRY(manifest.config, read_reference(config, false));
  SG_TRY(manifest.layers, read_references(std::move(layers), false));
  return manifest;
}

Result<OciConfig> parse_oci_config(std::string_view text) {
  StrictObject root = StrictObject::parse(text, "the OCI configuration", kRules);
  OciConfig config;
  config.architecture = root.string("architecture");
  config.os = root.string("os");
  if (!is_plain_name(config.architecture)) root.reject("field 'architecture' is no such name");
  std::optional<StrictObject> execution;
  if (root.has_value("config")) execution = root.object("config");
  StrictObject layers = root.object("rootfs");
  root.ignore_others({"architecture", "os", "config", "rootfs"});
  SG_CHECK(root.finish());
  if (execution) SG_CHECK(read_execution(*std::move(execution), config));
  SG_CHECK(read_layers(std::move(layers), config));
  return config;
}

}  // namespace sifguard::sif
