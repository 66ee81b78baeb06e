#include "apps/dispatcher/group_options.hpp"

#include <optional>

#include "apps/dispatcher/admin_client.hpp"
#include "apps/dispatcher/option_table.hpp"
#include "apps/dispatcher/place_options.hpp"
#include "apps/dispatcher/subcommand_parser.hpp"

namespace dispatch {

namespace {

constexpr const char* description =
  R"(Shows and changes groups: sessions that share one order of batches (docs/groups.md). It asks a dispatcher that runs.)";

constexpr const char* examples = R"(Examples:
  dispatcher group list                                     all groups that the store has
  dispatcher group show run-42                              its progress, its holders, its parked batches
  dispatcher group seek run-42 --epoch 0                    all over again
  dispatcher group seek run-42 --epoch 3 --position 640     from sample 640 of epoch 3
  dispatcher group park run-42 --epoch 3 --position 640     that batch is delivered no more, and counts as done
  dispatcher group delete run-42                            the next member begins it anew

After seek and delete, sessions of the group end with an error that says so, and may open it again.
A dispatcher takes changes from its own machine or container only.
Exit codes: 0 done, 1 it cannot be done or no dispatcher answers, 2 wrong options.)";

constexpr auto most_epochs = std::uint64_t{INT64_MAX};

struct commands {
  CLI::App* list;
  CLI::App* show;
  CLI::App* seek;
  CLI::App* park;
  CLI::App* remove;
};

struct typed_options {
  group_options values;
  std::optional<std::uint64_t> epoch;
  std::optional<std::int64_t> position;
};

CLI::App* add_command(CLI::App& app, const char* name, const char* what, typed_options& typed) {
  auto* command = app.add_subcommand(name, what);
  option_table{*command}.text("--admin", typed.values.admin, "Where that dispatcher's --admin is", "HOST:PORT");
  return command;
}

/// A command that is about one group.
CLI::App* add_group_command(CLI::App& app, const char* name, const char* what, typed_options& typed) {
  auto* command = add_command(app, name, what, typed);
  command->add_option("name", typed.values.name, "The group's")->type_name("NAME");
  return command;
}

void add_place(CLI::App& command, typed_options& typed, const std::string& position) {
  option_table table{command, option_source::flags};
  table.number("--epoch", typed.epoch, "The epoch, from 0", std::uint64_t{0}, most_epochs);
  table.number("--position", typed.position, position, std::int64_t{0}, INT64_MAX);
}

void add_json(CLI::App& command, typed_options& typed) {
  option_table{command, option_source::flags}.flag("--json", typed.values.json, "As the JSON of the admin endpoint");
}

commands add_commands(CLI::App& app, typed_options& typed) {
  commands result{
    add_command(app, "list", "All groups that the store has", typed),
    add_group_command(app, "show", "One group: its progress, who holds its batches, which of them are parked", typed),
    add_group_command(app, "seek", "Set a group to a place of its order; all from there on is delivered again", typed),
    add_group_command(app, "park", "Have a batch that is out delivered no more; it counts as done", typed),
    add_group_command(app, "delete", "Forget a group; its next member begins it anew", typed),
  };
  add_json(*result.list, typed);
  add_json(*result.show, typed);
  add_place(*result.seek, typed, "In samples [0]");
  add_place(*result.park, typed, "A position of the batch, in samples");
  return result;
}

group_options checked(const commands& all, const typed_options& typed) {
  using action = group_options::action;
  auto result = typed.values;
  result.what = *all.show     ? action::show
                : *all.seek   ? action::seek
                : *all.park   ? action::park
                : *all.remove ? action::remove
                              : action::list;
  if (const auto problem = admin_address_problem(result.admin))
    throw CLI::ValidationError("--admin", *problem);
  if (!*all.list)
    require_given(!result.name.empty(), "NAME", "the name of a group");
  if (*all.seek || *all.park)
    require_given(typed.epoch.has_value(), "--epoch", "the epoch, from 0");
  if (*all.park)
    require_given(typed.position.has_value(), "--position", "a position of the batch, as its `batch` line has it");
  result.epoch = typed.epoch.value_or(0);
  result.position = typed.position.value_or(0);
  return result;
}

} // namespace

std::variant<group_options, early_exit> read_group_options(const std::vector<std::string>& arguments) {
  group_options result;
  typed_options typed;
  CLI::App app{description, "dispatcher group"};
  app.footer(examples);
  const auto all = add_commands(app, typed);
  if (auto leave = parse_subcommand(app, arguments, [&] { result = checked(all, typed); }))
    return *leave;
  return result;
}

} // namespace dispatch
