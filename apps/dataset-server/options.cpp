#include "apps/dataset-server/options.hpp"

#include "dataset/data_error.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace dispatch::dataset {

namespace {

constexpr auto description = R"(Serves datasets to dispatchers by gRPC (proto/dataset_service.proto).

The bundled MNIST is served as 'mnist' (10,000 images, float32 of shape 1x28x28, with the column 'label'),
'mnist-train' and 'mnist-test' (9,000 and 1,000 of them) and 'mnist-labels' (the labels alone, uint8),
unless --no-bundled-data says otherwise or --data replaces one by its name. The environment variable
DISPATCHER_DATA_DIR names the folder that it is in.)";

constexpr auto footer = R"(Sources of --data:
  images.idx3-ubyte.gz              IDX like MNIST's files, with or without .gz. Unsigned bytes in two
                                    or more dimensions are images, normalised to float32 from -1 to 1
  features.npy                      what numpy.save wrote: any type and shape, values as they are
  arrays.npz                        what numpy.savez or savez_compressed wrote: the first array in the file is data,
                                    the others are columns of equal length, each under its own name
  synthetic:10000x1x28x28:float32   random, the same each time: SAMPLESxSHAPE:DTYPE
  images.npy,label=labels.npy       columns of equal length, such as labels, after a comma: COLUMN=SOURCE. A path that
                                    holds a comma and NAME= cannot be given

Faults are counted in batches over all callers: a GetBatch is one, so is each item of a StreamBatches.

Examples:
  dataset-server                                       MNIST on port 50051
  dataset-server --listen 127.0.0.1:0                  on a free port, which the first log line names
  dataset-server --listen unix:/run/dataset.sock       on a socket of the file system
  dataset-server --tls-cert server.pem --tls-key server.key --client-ca ca.pem
  dataset-server --data train=features.npy --data big=synthetic:100000x3x64x64:uint8
  dataset-server --data mine=images.npy,label=labels.npy,box=boxes.npy
  dataset-server --latency-ms 5                        like a service behind a network
  dataset-server --fail-every 50:RESOURCE_EXHAUSTED --hang-every 200
  dataset-server --fail-batch 7:INTERNAL               batch 7 is poisoned, all others are well
  dataset-server --latency-ms 2 --slow 500-700:100     slow for a while, then as before
  dataset-server --mark-last none --no-dataset-info    says nowhere where its datasets end

Signals: SIGTERM, SIGINT and every other that would end it stop in order, a second SIGTERM, SIGINT or SIGQUIT at once;
SIGUSR1 logs counts; SIGHUP changes nothing.
Exit codes: 0 stopped in order, 1 the help could not be written, 2 wrong option or data, or unable to start.)";

std::optional<std::uint64_t> to_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  auto* end = text.data() + text.size();
  auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc{} || result.ptr != end || number < least || number > most)
    return std::nullopt;
  return number;
}

[[noreturn]] void throw_wrong(const std::string& option, const std::string& got, const std::string& takes) {
  throw CLI::ValidationError(option, "got '" + got + "', takes " + takes);
}

void add_address(CLI::App& app, options& x) {
  auto store = [&x](const std::string& text) {
    constexpr std::size_t kind_size = 5;
    const auto is_path = text.compare(0, kind_size, "unix:") == 0 && text.size() > kind_size;
    auto colon = text.rfind(':');
    if (is_path) {
      x.listen = text;
      return;
    }
    if (colon == std::string::npos || colon == 0 || !to_number(text.substr(colon + 1), 0, 65535))
      throw_wrong("--listen", text, "HOST:PORT, such as 0.0.0.0:50051 or [::1]:0, or unix:PATH");
    x.listen = text;
  };
  app
    .add_option_function<std::string>("--listen", store,
                                      "Where to serve; port 0: the kernel chooses [" + x.listen + "]")
    ->type_name("HOST:PORT|unix:PATH");
}

void add_tls(CLI::App& app, options& x) {
  const auto add = [&app](tls::file_option& file, const char* what) {
    app.add_option(file.option, file.path, what)->type_name("FILE");
  };
  add(x.tls.certificate, "Serve over TLS with this certificate, in PEM form");
  add(x.tls.key, "The key of that certificate");
  add(x.tls.authorities, "Serve only callers with a certificate from these authorities");
}

/// What is wrong with the options of TLS among themselves; empty: nothing.
std::string problem_of(const tls::pem_files& tls) {
  if (tls.certificate.path.empty() != tls.key.path.empty())
    return "--tls-cert and --tls-key: got one of them; they take a certificate and its key";
  if (tls.certificate.path.empty() && !tls.authorities.path.empty())
    return "--client-ca: got '" + tls.authorities.path
           + "' without --tls-cert; clients show certificates over TLS only";
  return {};
}

void add_data(CLI::App& app, options& x) {
  auto store = [&x](const std::vector<std::string>& texts) {
    for (auto& text : texts)
      try {
        x.data.push_back(parse_data_argument(text));
      } catch (const data_error& problem) {
        throw CLI::ValidationError("--data", problem.what());
      }
  };
  app.add_option_function<std::vector<std::string>>("--data", store, "A dataset to serve; repeatable")
    ->type_name("NAME=SOURCE[,COLUMN=SOURCE]...")
    ->expected(1)
    ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_flag_callback(
    "--no-bundled-data", [&x] { x.bundled = bundled_data::leave_out; }, "Do not serve the bundled MNIST");
}

/// Reads the text of an option with a function that throws std::invalid_argument.
template <class Value, class Parse>
auto store_parsed(const std::string& option, Value& value, Parse parse) {
  return [option, &value, parse](const std::string& text) {
    try {
      value = parse(text);
    } catch (const std::invalid_argument& problem) {
      throw CLI::ValidationError(option, problem.what());
    }
  };
}

auto store_index(const std::string& option, std::optional<std::int32_t>& value) {
  return [option, &value](const std::string& text) {
    auto index = to_number(text, 0, std::numeric_limits<std::int32_t>::max());
    if (!index)
      throw_wrong(option, text, "a batch's index, 0 or more");
    value = static_cast<std::int32_t>(*index);
  };
}

auto store_every(const std::string& option, std::uint64_t& value) {
  return [option, &value](const std::string& text) {
    auto every = to_number(text, 1, std::numeric_limits<std::int64_t>::max());
    if (!every)
      throw_wrong(option, text, "a number, 1 or more");
    value = *every;
  };
}

void add_faults(CLI::App& app, options& x) {
  auto store_latency = [&x](const std::string& text) {
    auto latency = to_number(text, 0, 3'600'000);
    if (!latency)
      throw_wrong("--latency-ms", text, "0 to 3600000");
    x.faults.latency = std::chrono::milliseconds{*latency};
  };
  app.add_option_function<std::string>("--latency-ms", store_latency, "Wait before each batch [0]")->type_name("MS");
  app
    .add_option_function<std::string>("--fail-every",
                                      store_parsed("--fail-every", x.faults.failures, parse_failure_rule),
                                      "Every Nth batch ends its call with CODE, one of gRPC's names [UNAVAILABLE]")
    ->type_name("N[:CODE]");
  app
    .add_option_function<std::string>(
      "--hang-every", store_every("--hang-every", x.faults.hang_every),
      "Every Nth batch gets no answer: its call ends when the caller gives up or the server stops")
    ->type_name("N");
  app.add_flag_callback(
    "--not-serving", [&x] { x.serving = false; }, "HealthCheck says NOT_SERVING; the other methods answer as ever");
}

void add_faults_of_batches(CLI::App& app, options& x) {
  auto& faults = x.faults;
  app
    .add_option_function<std::string>("--slow", store_parsed("--slow", faults.slow, parse_slow_time),
                                      "The batches numbered FIRST to LAST take MS instead of --latency-ms")
    ->type_name("FIRST-LAST:MS");
  app
    .add_option_function<std::string>("--fail-batch",
                                      store_parsed("--fail-batch", faults.poisoned, parse_poisoned_batch),
                                      "The batch with this index always ends its call with CODE [INTERNAL]")
    ->type_name("INDEX[:CODE]");
  app
    .add_option_function<std::string>("--hang-batch", store_index("--hang-batch", faults.hanging_batch),
                                      "The batch with this index never gets an answer")
    ->type_name("INDEX");
  app
    .add_option_function<std::string>("--empty-batch", store_index("--empty-batch", faults.empty_batch),
                                      "The batch with this index has no samples")
    ->type_name("INDEX");
  app
    .add_option_function<std::string>("--empty-every", store_every("--empty-every", faults.empty_every),
                                      "Every Nth batch has no samples")
    ->type_name("N");
  app
    .add_option_function<std::string>("--short-batch", store_index("--short-batch", faults.short_batch),
                                      "The batch with this index lacks its last sample")
    ->type_name("INDEX");
  app
    .add_option_function<std::string>("--short-every", store_every("--short-every", faults.short_every),
                                      "Every Nth batch lacks its last sample")
    ->type_name("N");
  app
    .add_option_function<std::string>("--misnumber-every", store_every("--misnumber-every", faults.misnumbered_every),
                                      "Every Nth batch says that it is the next one")
    ->type_name("N");
}

void add_faults_of_ends(CLI::App& app, options& x) {
  auto store_size = [&x](const std::string& text) {
    auto size = to_number(text, 1, std::numeric_limits<std::int32_t>::max());
    if (!size)
      throw_wrong("--own-batch", text, "a number of samples, 1 or more");
    x.faults.own_batch = static_cast<std::int32_t>(*size);
  };
  app.add_option_function<std::string>("--own-batch", store_size, "Batches have N samples, whatever a call asks for")
    ->type_name("N");
  auto store_mark = [&x](const std::string& text) {
    if (text == "none")
      x.faults.marked_last = -1;
    else
      store_index("--mark-last", x.faults.marked_last)(text);
  };
  app
    .add_option_function<std::string>("--mark-last", store_mark,
                                      "The batch with this index is marked as the last one and no other is")
    ->type_name("INDEX|none");
  app.add_flag_callback(
    "--no-dataset-info", [&x] { x.faults.undescribed = true; }, "GetDatasetInfo is UNIMPLEMENTED");
}

} // namespace

std::variant<options, early_exit> parse_options(int argc, const char* const* argv) {
  options result;
  CLI::App app{description};
  app.name("dataset-server");
  app.footer(footer);
  app.set_version_flag("--version", std::string{"dataset-server "} + DISPATCHER_VERSION);
  add_address(app, result);
  add_tls(app, result);
  add_data(app, result);
  add_faults(app, result);
  add_faults_of_batches(app, result);
  add_faults_of_ends(app, result);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return early_exit{exit_stopped, app.help()};
  } catch (const CLI::CallForVersion& version) {
    return early_exit{exit_stopped, version.what() + std::string{"\n"}};
  } catch (const CLI::ParseError& problem) {
    return early_exit{exit_usage, problem.what()};
  }
  if (auto problem = problem_of(result.tls); !problem.empty())
    return early_exit{exit_usage, problem};
  return result;
}

} // namespace dispatch::dataset
