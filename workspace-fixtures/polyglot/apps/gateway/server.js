// What partners call: the same quotes as the api's, without a hop over the network.
const { createServer } = require('node:http');
const { quote } = require('../../native/addon/addon.node');

const port = Number(process.env.GATEWAY_PORT ?? 4311);

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gateway');
  if (pathname === '/health') return void response.end(JSON.stringify({ process: process.pid }));
  const parcel = { grams: Number(searchParams.get('grams')), zone: searchParams.get('zone') };
  try {
    response.setHeader('content-type', 'application/json').end(quote(JSON.stringify(parcel)));
  } catch (error) {
    response.writeHead(422).end(error.message);
  }
});

server.on('error', (error) => {
  console.error(`gateway cannot listen on port ${port}: ${error.message}. GATEWAY_PORT chooses another one.`);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => console.log(`gateway listening on http://127.0.0.1:${port}`));
