// sifctl digest revoke|restore|show|list: single images that must not run any more, whatever
// binding allows them. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "keystore/base/open_error.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/consequences.h"
#include "keystore/cli/image_file.h"
#include "keystore/cli/listing.h"
#include "keystore/cli/note_published.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/file_digest.h"
#include "keystore/policy/policy.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {
namespace {

struct DigestOptions {
  std::string digest, image, reason;
  ClockOption clock;
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

/// `one`: nullopt for a digest that is not revoked.
nlohmann::ordered_json to_json(const std::string& digest, const std::optional<RevokedDigest>& one) {
  nlohmann::ordered_json object = {{"digest", digest}, {"revoked", one.has_value()}};
  object["since"] = one ? nlohmann::ordered_json(format_utc(one->since)) : nullptr;
  object["reason"] = one ? nlohmann::ordered_json(one->reason) : nullptr;
  return object;
}

Result<std::optional<RevokedDigest>> find_revoked(const Keystore& keystore,
                                                  const std::string& digest) {
  SG_TRY(const auto all, revoked_digests(keystore));
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const RevokedDigest& one) { return one.digest == digest; });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

Status revoke(const Session& session, const DigestOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  const ClosingTime time = options.clock.closing_time(keystore);
  RevokedDigest wanted{{}, time.at, options.reason};
  SG_TRY(wanted.digest, digest_of(options, ImageCheck::image));
  SG_CHECK(check_revocable(wanted));
  SG_TRY(auto there, find_revoked(keystore, wanted.digest));
  note_published(session, keystore,
                 [&](const PublishedRecord& copy) { return copy.source_digest == wanted.digest; });
  time.tell(session, !there);
  if (!there) {
    SG_CHECK(warn_of_pins(session, keystore, wanted.digest));
    tell_launches(session, options.act, [&](const PastLaunch& launch) {
      return launch.digest == wanted.digest ? Effect::refused : Effect::none;
    });
  }
  bool unchanged = there.has_value();
  if (!unchanged) {
    SG_TRY(const auto outcome, revoke_digest(keystore, wanted));
    unchanged = outcome == Keystore::Added::unchanged;
    SG_TRY(there, find_revoked(keystore, wanted.digest));
  }
  session.answer("digest", to_json(wanted.digest, there ? there : wanted));
  if (unchanged) {
    session.unchanged(wanted.digest + " is revoked already");
    if (there && there->reason != wanted.reason) {
      session.out("its reason stays: " + printable(there->reason) + "\n");
    }
  } else {
    session.out((options.act.dry_run ? "not done: --dry-run; would be revoked: " : "revoked ") +
                wanted.digest + "\n");
  }
  session.out("not final: sifctl digest restore takes it back\n");
  return {};
}

Status restore(const Session& session, const DigestOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string digest, digest_of(options, ImageCheck::none));
  SG_TRY(const bool was_revoked, restore_digest(keystore, digest));
  session.answer("digest", to_json(digest, std::nullopt));
  if (was_revoked) {
    session.out((options.act.dry_run ? "not done: --dry-run; would no longer be revoked: "
                                     : "no longer revoked: ") +
                digest + "\n");
  } else {
    session.unchanged(digest + " is not revoked");
  }
  return {};
}

Status list_digests(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto all, revoked_digests(keystore));
  Listing list;
  for (const RevokedDigest& one : all) {
    list.add(to_json(one.digest, one), {one.digest, format_utc(one.since), one.reason});
  }
  list.show(session, "digest-list", {"DIGEST", "SINCE", "REASON"});
  return {};
}

Status show(const Session& session, const DigestOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string digest, digest_of(options, ImageCheck::none));
  SG_TRY(const auto found, find_revoked(keystore, digest));
  session.answer("digest", to_json(digest, found));
  session.print_fields({{"digest", digest},
                        {"revoked", found ? "since " + format_utc(found->since) : "no"},
                        {"reason", found ? found->reason : ""}});
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
  bad->clock.offer(command);
  command->add_option("--reason", bad->reason, "What refused users will read")
      ->required()
      ->type_name("TEXT");
  command->footer(R"(
Launches from now on are refused; a job that has the image open continues. First it shows the bindings
for only this image, what was published from it, and, from the audit logs, who would be refused.
  sifctl digest revoke sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \
         --reason 'CVE-2026-1234: use lolcow 1.3'
  sifctl digest revoke --image /apps/secure/lolcow.sif --reason 'built with a wrong compiler')");
  const auto good = std::make_shared<DigestOptions>();
  auto* restoring =
      add_one(*group, session, CommandKind::changes, "restore", "Undo a revocation", good, restore);
  restoring->footer("\n  sifctl digest restore --image /apps/secure/lolcow.sif");
  restoring->add_flag("--dry-run", good->act.dry_run, kDryRunHelp);
  auto* showing =
      add_one(*group, session, CommandKind::reads, "show",
              "Say whether one image is revoked, and why", std::make_shared<DigestOptions>(), show);
  showing->footer("\n  sifctl digest show --image /apps/secure/lolcow.sif");
  auto* listing = group->add_subcommand("list", "List the revoked digests");
  listing->footer("\n  sifctl digest list\n  sifctl digest list --json");
  session.on_read(listing, [&session] { return list_digests(session); });
}

}  // namespace sifguard
