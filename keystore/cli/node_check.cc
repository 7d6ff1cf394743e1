// sifctl node check: whether a sifguard.yaml is understood, and what it enforces. Runs with the
// rights of the admin; changes nothing.
#include "keystore/cli/commands.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/absolute_path.h"
#include "keystore/base/enforcement_record.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/cli/session.h"
#include "keystore/policy/config.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxConfig = std::size_t{1} << 20U;

const char* word_of(Enforce enforce) {
  switch (enforce) {
    case Enforce::requested:
      return "requested";
    case Enforce::partitions:
      return "partitions";
    case Enforce::always:
      return "always";
  }
  return "";
}

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

std::string sentence(const Config& config) {
  switch (config.enforce) {
    case Enforce::always:
      return "every step must name an image";
    case Enforce::partitions:
      return "every step must name an image in " + listed(config.enforced_partitions);
    case Enforce::requested:
      break;
  }
  return config.enforce_said ? "no step must name an image"
         : config.says_anything
             ? "no step must name an image (the file does not say 'enforce')"
             : "no step must name an image (the file is empty: a node that enforced images "
               "before refuses every step with it)";
}

const char* mounting(const Config& config) {
  if (config.release != Release::mount) return "";
  return config.mount_driver == MountDriver::fuse
             ? "; images are mounted by squashfuse, and no job gets a key"
             : "; images are mounted, and no job gets a key";
}

/// Whether the trouble is in what the file says, and not in the file.
bool is_read(const Error& error) {
  return error.what().starts_with("sifguard.yaml:");
}

Status check(const Session& session, const std::string& given) {
  using enforcement_record::Identity;
  SG_TRY(const std::string path, absolute_path(given));
  const std::string file = std::filesystem::path(path).lexically_normal();
  auto config = load_config(file, Session::trust());
  if (!config) {
    const auto text = read_input_text(file, kMaxConfig);
    const Error error = text && is_read(config.error())
                            ? name_file_kind(config.error(), *text, WantedFile::configuration)
                            : config.error();
    return fail(error.code(),
                error.what() +
                    " (a node with this file launches no image, and unless it is known to enforce "
                    "images it lets every other step run)",
                error.remedy());
  }
  const bool there = enforcement_record::look_at(file.c_str()).kind == Identity::kThere;
  session.answer("node-configuration", {{"file", file},
                                        {"exists", there},
                                        {"release", release_name(config->release)},
                                        {"mount_driver", driver_name(config->mount_driver)},
                                        {"enforce", word_of(config->enforce)},
                                        {"partitions", config->enforced_partitions}});
  session.out(printable(file + ": " + (there ? "" : "is absent, so the defaults count; ") +
                        sentence(*config) + mounting(*config)) +
              "\n");
  return {};
}

}  // namespace

void add_node_check(CLI::App& group, Session& session) {
  auto* command =
      group.add_subcommand("check", "Whether a sifguard.yaml is understood, and what it enforces");
  const auto file = std::make_shared<std::string>(SIFGUARD_CONFIG_FILE);
  command->add_option("file", *file, "The configuration of a node")
      ->type_name("FILE")
      ->capture_default_str();
  command->footer(R"(
Use this before nodes get the file: with a mistake in it a node launches no image. `sifctl doctor`, on the
node, checks what else says that the node enforces images, and whether users can leave that.
  sifctl node check /root/sifguard.yaml
Exit status: 0 the file is understood, 78 it is not.)");
  session.on_read(command, [&session, file] { return check(session, *file); });
}

}  // namespace sifguard
