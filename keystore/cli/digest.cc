// sifctl digest revoke|restore|show|list: single images that must not run any more, whatever
// binding allows them. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/open_error.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/cli/consequences.h"
#include "keystore/cli/image_file.h"
#include "keystore/cli/note_published.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/file_digest.h"
#include "keystore/policy/policy.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {
namespace {

struct DigestOptions {
  std::string digest, image, reason;
  ActOptions act;
};

/// What is revoked has to be an image. What was, and what is only looked up, may be any file.
enum class ImageCheck { none, image };

Result<std::string> digest_of_file(const std::string& path, ImageCheck check) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) return fail_open(Code::no_input, path, errno);
  if (check == ImageCheck::image) SG_CHECK(check_image_file(fd.get(), path));
  return file_digest(fd.get(), path);
}

Result<std::string> digest_of(const DigestOptions& options, ImageCheck check) {
  if (options.digest.empty() == options.image.empty()) {
    return fail(Code::usage, "give either a digest or --image");
  }
  if (!options.image.empty()) return digest_of_file(options.image, check);
  if (auto cleaned = pasted_digest(options.digest)) return *std::move(cleaned);
  return fail(Code::usage, "not a digest: '" + printable(options.digest, 200) + "'",
              "write sha256: and 64 hexadecimal digits, or --image FILE");
}

Status warn_of_pins(const Session& session, const Keystore& keystore, const std::string& digest) {
  SG_TRY(const std::string text, keystore.images_text());
  const auto policy = parse_policy(text);
  if (!policy) return {};
  for (const Binding& binding : policy->bindings) {
    if (binding.digest == digest) {
      session.note("the binding '" + binding.name + "' is for this image alone, and refuses now");
    }
  }
  return {};
}

Result<bool> is_revoked(const Keystore& keystore, const std::string& digest) {
  SG_TRY(const auto all, revoked_digests(keystore));
  return std::any_of(all.begin(), all.end(),
                     [&](const RevokedDigest& one) { return one.digest == digest; });
}

Status revoke(const Session& session, const DigestOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string digest, digest_of(options, ImageCheck::image));
  SG_CHECK(check_revocable({digest, 0, options.reason}));
  SG_TRY(bool unchanged, is_revoked(keystore, digest));
  note_published(session, keystore,
                 [&](const PublishedRecord& copy) { return copy.source_digest == digest; });
  if (!unchanged) {
    SG_CHECK(warn_of_pins(session, keystore, digest));
    tell_launches(session, options.act, [&](const PastLaunch& launch) {
      return launch.digest == digest ? Effect::refused : Effect::none;
    });
  }
  if (!options.act.dry_run) {
    SG_TRY(const auto outcome, revoke_digest(keystore, {digest, 0, options.reason}));
    unchanged = outcome == Keystore::Added::unchanged;
  }
  session.out((unchanged             ? "already revoked, nothing changed: "
               : options.act.dry_run ? "not done: --dry-run; would be revoked: "
                                     : "revoked ") +
              digest + "\n" + "not final: sifctl digest restore takes it back\n");
  return {};
}

Status restore(const Session& session, const DigestOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string digest, digest_of(options, ImageCheck::none));
  SG_CHECK(restore_digest(keystore, digest));
  session.out("no longer revoked: " + digest + "\n");
  return {};
}

Status list(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto all, revoked_digests(keystore));
  if (session.json) {
    auto array = nlohmann::ordered_json::array();
    for (const RevokedDigest& one : all) {
      array.push_back(
          {{"digest", one.digest}, {"since", format_utc(one.since)}, {"reason", one.reason}});
    }
    session.print_json(array);
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const RevokedDigest& one : all) {
    rows.push_back({one.digest, format_utc(one.since), one.reason});
  }
  session.print_table({"DIGEST", "SINCE", "REASON"}, rows);
  return {};
}

Status show(const Session& session, const DigestOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string digest, digest_of(options, ImageCheck::none));
  SG_TRY(const auto all, revoked_digests(keystore));
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const RevokedDigest& one) { return one.digest == digest; });
  const bool revoked = found != all.end();
  if (session.json) {
    nlohmann::ordered_json object = {{"digest", digest}, {"revoked", revoked}};
    object["since"] = revoked ? nlohmann::ordered_json(format_utc(found->since)) : nullptr;
    object["reason"] = revoked ? nlohmann::ordered_json(found->reason) : nullptr;
    session.print_json(object);
    return {};
  }
  session.print_fields({{"digest", digest},
                        {"revoked", revoked ? "since " + format_utc(found->since) : "no"},
                        {"reason", revoked ? found->reason : ""}});
  return {};
}

CLI::App* add_one(CLI::App& group, Session& session, CommandKind kind, const char* name,
                  const char* help, const std::shared_ptr<DigestOptions>& options,
                  Status (*action)(const Session& session, const DigestOptions& options)) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("digest", options->digest, "Of the image file, as in the audit log")
      ->type_name("sha256:HEX");
  command->add_option("--image", options->image, "The file itself instead")->type_name("FILE");
  session.on(kind, command, [&session, options, action] { return action(session, *options); });
  return command;
}

}  // namespace

void add_digest_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("digest", "Single images that must not run any more");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  const auto bad = std::make_shared<DigestOptions>();
  auto* command = add_one(*group, session, CommandKind::closes, "revoke",
                          "Refuse one image, whoever signed it", bad, revoke);
  bad->act.offer(*command, false);
  command->add_option("--reason", bad->reason, "What who is refused will read")
      ->required()
      ->type_name("TEXT");
  command->footer(R"(
Launches from now on are refused; a job that has the image open goes on. Before, it tells the bindings that
are for this image alone, what was published from it, and by the audit logs who would be refused.
  sifctl digest revoke sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \
         --reason 'CVE-2026-1234: use lolcow 1.3'
  sifctl digest revoke --image /apps/secure/lolcow.sif --reason 'built with a wrong compiler')");
  add_one(*group, session, CommandKind::changes, "restore", "Take a revocation back",
          std::make_shared<DigestOptions>(), restore)
      ->footer("\n  sifctl digest restore --image /apps/secure/lolcow.sif");
  auto* showing =
      add_one(*group, session, CommandKind::reads, "show",
              "Say whether one image is revoked, and why", std::make_shared<DigestOptions>(), show);
  showing->footer("\n  sifctl digest show --image /apps/secure/lolcow.sif");
  session.offer_json(showing);
  auto* listing = group->add_subcommand("list", "List the revoked digests");
  listing->footer("\n  sifctl digest list\n  sifctl digest list --json");
  session.offer_json(listing);
  session.on_read(listing, [&session] { return list(session); });
}

}  // namespace sifguard
