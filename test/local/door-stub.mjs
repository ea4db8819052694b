// Stands in for the front door: says that it listens and ends when it should.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 60_000);
process.send({ type: 'ready', url: `http://${process.env.TRIBUTARY_LISTEN}` });
